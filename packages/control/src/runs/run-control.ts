import { CodedError } from '@holdfast/kernel';
import type { StopReason } from './evidence.ts';

/** Stops a run that works, and remembers why: the first reason counts, and that a person asked for it is never forgotten. */
export class RunControl {
  readonly #controller = new AbortController();
  #stopped: StopReason | null = null;
  #cancelRequested = false;

  /** Aborted with a CodedError: `time-limit`, or `cancelled`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get stopped(): StopReason | null {
    return this.#stopped;
  }

  get cancelRequested(): boolean {
    return this.#cancelRequested;
  }

  cancel(): void {
    this.#cancelRequested = true;
    this.#controller.abort(new CodedError({ code: 'cancelled', message: 'The run was cancelled' }));
  }

  stop(reason: StopReason): void {
    if (this.#controller.signal.aborted) return;
    this.#stopped = reason;
    const error =
      reason === 'time-limit'
        ? new CodedError({ code: 'time-limit', message: 'The run took longer than it may' })
        : new CodedError({ code: 'cancelled', message: 'The run was interrupted', retry: 'temporary' });
    this.#controller.abort(error);
  }
}
