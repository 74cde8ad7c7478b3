import type { ControlContext } from '../control-context.ts';
import { type ReaperOptions, RunReaper } from './run-reaper.ts';

export interface DeadRunWatchOptions extends ReaperOptions {
  /** For what goes wrong in the background: a database that does not answer. It goes on. */
  readonly onFault: (error: unknown) => void;
  /** How often it looks. Default 5 s. */
  readonly everyMs?: number;
}

/**
 * Ends the runs of workers that died, for a process that is no worker itself: where the last worker has died too, nobody else would see it, and
 * its runs would be shown as running for ever.
 */
export class DeadRunWatch implements AsyncDisposable {
  readonly #context: ControlContext;
  readonly #options: DeadRunWatchOptions;
  readonly #reaper: RunReaper;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(context: ControlContext, options: DeadRunWatchOptions) {
    this.#context = context;
    this.#options = options;
    this.#reaper = new RunReaper(context, options);
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #work(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#reaper.reap();
      } catch (error) {
        this.#options.onFault(error);
      }
      try {
        await this.#context.clock.sleep(this.#options.everyMs ?? 5_000, this.#stopping.signal);
      } catch (error) {
        if (!this.#stopping.signal.aborted) throw error;
      }
    }
  }
}
