import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FromRunner, type RunEvent, type RunPlan, type RunReport, type ToRunner } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { childEnvironment } from './child-environment.ts';
import type { RunEnd } from './run-end.ts';
import { TextTail } from './text-tail.ts';

export interface ExecuteInChildOptions {
  /** Its reason, if it is a CodedError, is what the report says of the cancelling. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** After that time the run is cancelled with `time-limit`. */
  readonly timeLimitMs: number;
  /** Limit of the JavaScript heap of its main thread. */
  readonly memoryLimitMebibytes: number;
  /** How long after the cancelling the process is asked by SIGTERM, and when it is killed. Default 10 and 20 seconds. */
  readonly terminateAfterMs?: number;
  readonly killAfterMs?: number;
  /** Hears of the process as soon as it runs. */
  readonly onStart?: (pid: number) => void;
  /** What runs in the process, and the Node that runs it; for tests. */
  readonly entry?: URL;
  readonly node?: string;
}

const stderrChars = 16_384;
const defaultEntry = new URL('./child.ts', import.meta.url);

/**
 * Executes a plan in a process of its own and resolves when that has ended, however it did. The plan goes over a private channel, never by
 * arguments or environment. Rejects only if `onEvent` threw, after the process has ended.
 */
export async function executeInChild(plan: RunPlan, options: ExecuteInChildOptions): Promise<RunEnd> {
  try {
    const child = spawn(
      options.node ?? process.execPath,
      [`--max-old-space-size=${Math.ceil(options.memoryLimitMebibytes)}`, fileURLToPath(options.entry ?? defaultEntry)],
      { env: childEnvironment(process.env), stdio: ['ignore', 'ignore', 'pipe', 'ipc'], windowsHide: true },
    );
    return await new RunningChild(child, plan, options).ended;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { exit: { code: null, signal: null }, report: undefined, stderrTail: error.message };
  }
}

/** One process of a run, from its start to its end. */
class RunningChild {
  readonly ended: Promise<RunEnd>;
  readonly #child: ChildProcess;
  readonly #plan: RunPlan;
  readonly #options: ExecuteInChildOptions;
  readonly #stderr = new TextTail(stderrChars);
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #end = Promise.withResolvers<RunEnd>();
  #report: RunReport | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isCancelled = false;
  #isDistrusted = false;

  constructor(child: ChildProcess, plan: RunPlan, options: ExecuteInChildOptions) {
    this.#child = child;
    this.#plan = plan;
    this.#options = options;
    this.ended = this.#end.promise;
    const { signal } = options;
    const onAbort = (): void => this.#cancel(signal.reason);
    child.stderr?.on('data', (bytes: Buffer) => this.#stderr.add(bytes));
    child.on('message', (message: unknown) => this.#receive(message));
    const close = (code: number | null, signalName: NodeJS.Signals | null): void => {
      signal.removeEventListener('abort', onAbort);
      for (const timer of this.#timers) clearTimeout(timer);
      if (this.#failure !== undefined) this.#end.reject(this.#failure.error);
      else
        this.#end.resolve({
          exit: { code, signal: signalName },
          report: this.#isDistrusted ? undefined : this.#report,
          stderrTail: this.#stderr.text,
        });
    };
    child.on('error', (error) => {
      this.#note(error.message);
      if (child.pid === undefined) close(null, null); // it could not be started; else a message or a signal could not be sent
    });
    child.on('close', (code, signalName) => close(child.pid === undefined ? null : code, signalName));
    if (child.pid !== undefined) options.onStart?.(child.pid);
    this.#send({ type: 'plan', plan });
    this.#after(options.timeLimitMs, () => this.#cancel(timeLimit(options.timeLimitMs)));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  }

  #receive(raw: unknown): void {
    const message = FromRunner.safeParse(raw);
    if (!message.success) return this.#distrust(`The process of the run sent what is no message: ${message.error.message}`);
    if (message.data.type === 'report') {
      const { report } = message.data;
      if (report.runId !== this.#plan.runId || report.kind !== this.#plan.kind) return this.#distrust('It sent the report of another run');
      this.#report = report;
      return;
    }
    try {
      this.#options.onEvent(message.data.event);
    } catch (error) {
      this.#failure ??= { error };
      this.#cancel(new CodedError({ code: 'cancelled', message: 'Nobody takes the events of the run' }));
    }
  }

  /** Something that must not be: no report of this process counts. */
  #distrust(why: string): void {
    this.#note(why);
    this.#isDistrusted = true;
    this.#child.kill('SIGKILL');
  }

  #cancel(reason: unknown): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const text = CodedError.is(reason) ? reason.message : 'The run was cancelled';
    this.#send({ type: 'cancel', reason: text, code: CodedError.is(reason, 'time-limit') ? 'time-limit' : 'cancelled' });
    this.#after(this.#options.terminateAfterMs ?? 10_000, () => void this.#child.kill('SIGTERM'));
    this.#after(this.#options.killAfterMs ?? 20_000, () => void this.#child.kill('SIGKILL'));
  }

  #send(message: ToRunner): void {
    if (!this.#child.connected) return; // it has ended, or never began: `close` tells
    this.#child.send(message, (error) => {
      if (error !== null && error !== undefined) this.#note(error.message);
    });
  }

  #note(text: string): void {
    this.#stderr.addText(`${text}\n`);
  }

  #after(ms: number, work: () => void): void {
    // A timer longer than 2^31 ms would fire at once.
    if (ms < 2 ** 31) this.#timers.add(setTimeout(work, ms));
  }
}

/** What the system refuses: no memory, no more processes, no such program. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' && error.syscall.startsWith('spawn');
}

function timeLimit(ms: number): CodedError {
  return new CodedError({
    code: 'time-limit',
    message: `The run took longer than ${Math.round(ms / 60_000)} minutes and was stopped`,
    retry: 'temporary',
  });
}
