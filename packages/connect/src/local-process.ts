import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { type Clock, CodedError, systemClock } from '@holdfast/kernel';
import type { ExecOptions, ProcessExit, RemoteProcess } from './port.ts';

export interface ProgramToStart {
  readonly file: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string | undefined;
}

export interface LocalProcessOptions extends ExecOptions {
  readonly clock?: Clock;
  /** For messages: `tar on ssh deploy@db1`. */
  readonly what: string;
  /** Where there is no `stdin`: give the program a pipe that stays open until it is asked to end, in place of nothing. */
  readonly holdStdin?: boolean;
  /** Asks the program to end, in place of SIGTERM to its process group. */
  readonly askToEnd?: (process: LocalProcess) => void;
}

/** How long a program that was asked to end may take before it is killed. */
const graceMs = 5_000;
const noted = (): undefined => undefined;

/**
 * A process of this machine in a process group of its own, so that stopping it stops whatever it started. Rejects with the error of the system
 * (`ENOENT`, `EACCES`, …) when it does not start.
 */
export async function startLocalProcess(program: ProgramToStart, options: LocalProcessOptions): Promise<LocalProcess> {
  options.signal?.throwIfAborted();
  const settings: SpawnOptions = {
    detached: true,
    shell: false,
    stdio: [options.stdin !== undefined || options.holdStdin === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: { ...program.environment },
    ...(program.workingDirectory === undefined ? {} : { cwd: program.workingDirectory }),
  };
  const child = spawn(program.file, program.parameters, settings);
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', noted);
  // Its end is waited for from the beginning: it may come before whoever started it looks.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await once(child, 'spawn');
  return new LocalProcess(child, closed, options);
}

export class LocalProcess implements RemoteProcess {
  readonly exit: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #clock: Clock;
  readonly #options: LocalProcessOptions;
  readonly #over = new AbortController();
  #stopped: { readonly reason: unknown } | undefined;

  constructor(child: ChildProcess, closed: Promise<void>, options: LocalProcessOptions) {
    this.#child = child;
    this.#closed = closed;
    this.#clock = options.clock ?? systemClock;
    this.#options = options;
    this.exit = this.#waitForEnd();
    // Whoever disposes of the process without asking how it ended has been told by what made him do so.
    this.exit.catch(noted);
    const { signal, stdin, timeoutMs } = options;
    const onAbort = (): void => void this.stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#over.signal.addEventListener('abort', () => signal?.removeEventListener('abort', onAbort), { once: true });
    if (signal?.aborted === true) onAbort();
    if (timeoutMs !== undefined) void this.#limit(timeoutMs);
    if (stdin !== undefined && child.stdin !== null) void this.#feed(stdin, child.stdin);
  }

  get stdout(): AsyncIterable<Uint8Array> {
    return this.#read(this.#child.stdout);
  }

  get stderr(): AsyncIterable<Uint8Array> {
    return this.#read(this.#child.stderr);
  }

  /** Resolves when the process has ended and its streams are closed, however that came. */
  get ended(): Promise<void> {
    return this.#closed;
  }

  /** Closes the pipe that `holdStdin` keeps open. */
  releaseStdin(): void {
    this.#child.stdin?.end();
  }

  /** Makes an end of it: `exit` and whoever reads or writes get the reason. Resolves when the process has ended and nothing of it is left. */
  async stop(reason: unknown): Promise<void> {
    if (this.#stopped === undefined && !this.#over.signal.aborted) {
      this.#stopped = { reason };
      const error = reason instanceof Error ? reason : new Error(String(reason));
      this.#child.stdout?.destroy(error);
      this.#child.stderr?.destroy(error);
      if (this.#options.askToEnd === undefined) this.signalGroup('SIGTERM');
      else this.#options.askToEnd(this);
      void this.#killLater();
    }
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(new CodedError({ code: 'cancelled', message: `${this.#options.what} was given up` }));
  }

  async #waitForEnd(): Promise<ProcessExit> {
    await this.#closed;
    this.#over.abort();
    if (this.#stopped !== undefined) throw this.#stopped.reason;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null) return { kind: 'exited', code: exitCode };
    if (signalCode !== null) return { kind: 'signalled', signal: signalCode };
    throw new CodedError({ code: 'internal', message: `${this.#options.what} ended without exit code and signal` });
  }

  async *#read(stream: Readable | null): AsyncGenerator<Uint8Array> {
    try {
      if (stream !== null && this.#stopped === undefined) yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#stopped === undefined ? error : this.#stopped.reason;
    }
    // A stream that was closed under the reader's hands may just end.
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }

  async #limit(timeoutMs: number): Promise<void> {
    await this.#clock.sleep(timeoutMs, this.#over.signal).catch(noted);
    if (this.#over.signal.aborted) return;
    await this.stop(
      new CodedError({
        code: 'command-timeout',
        message: `${this.#options.what} did not end within ${timeoutMs / 1000} s and was stopped`,
        hint: 'Look what it waits for, or give it more time.',
        retry: 'temporary',
        context: { timeoutMs },
      }),
    );
  }

  async #killLater(): Promise<void> {
    await this.#clock.sleep(graceMs, this.#over.signal).catch(noted);
    if (!this.#over.signal.aborted) this.signalGroup('SIGKILL');
  }

  /** Sends a signal to the process and all that it started in its group. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  }

  async #feed(source: AsyncIterable<Uint8Array>, stdin: Writable): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    const closed = new Promise<'closed'>((resolve) => stdin.once('close', () => resolve('closed')));
    try {
      for (;;) {
        // A program that wants no more must not have to wait for a source that has no more yet.
        const next = await Promise.race([iterator.next(), closed]);
        // Stopped: an end of its input now would look to the program as if it had got all.
        if (next === 'closed' || this.#stopped !== undefined) break;
        if (next.done === true) return void stdin.end();
        if (!stdin.write(next.value)) await Promise.race([drained(stdin), closed]);
      }
      void Promise.resolve(iterator.return?.()).catch(noted);
    } catch (error) {
      await this.stop(error);
    }
  }
}

async function drained(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => stream.once('drain', resolve));
}
