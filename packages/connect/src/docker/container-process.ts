import type { Duplex } from 'node:stream';
import { CodedError } from '@holdfast/kernel';
import { connectionLost } from '../link-errors.ts';
import type { ExecOptions, ProcessExit, RemoteProcess } from '../port.ts';
import { BoundedPipe } from './bounded-pipe.ts';
import { demultiplex } from './demultiplex.ts';
import { containerLost, isContainerGone } from './engine-errors.ts';
import {
  type EngineExecContext,
  inspectExec,
  type MarkedCommand,
  signalMarked,
  untilEnded,
  untilStarted,
  whatBecameOf,
} from './engine-exec.ts';
import { feedSocket } from './feed-socket.ts';
import { exitOfNeverStarted, isNeverStarted } from './never-started.ts';
import { exitOfCode } from './process-exit.ts';

export interface ContainerProcessOptions extends ExecOptions {
  /** For messages: `tar on docker pg`. */
  readonly what: string;
  readonly startedAt: string;
}

/** How long the engine may take to tell the exit code after the streams ended, and a process to end after it was asked to or killed. */
const exitCodeMs = 30_000;
const askedMs = 5_000;
const killedMs = 10_000;
/** When nothing has come or gone for so long, it is looked whether the container still runs. */
const silenceMs = 10_000;
const noted = (): undefined => undefined;

/** A command in a container, over one connection of its engine. */
export class ContainerProcess implements RemoteProcess {
  readonly stdout: BoundedPipe = new BoundedPipe();
  readonly stderr: BoundedPipe = new BoundedPipe();
  readonly exit: Promise<ProcessExit>;
  readonly #context: EngineExecContext;
  readonly #marked: MarkedCommand;
  readonly #socket: Duplex;
  readonly #options: ContainerProcessOptions;
  readonly #over = new AbortController();
  readonly #ended: Promise<void>;
  #moved = true;
  #isToldOfLeaving = false;
  #isStarted: boolean | undefined;
  #neverStarted: ProcessExit | undefined;
  #stopped: { reason: unknown } | undefined;
  #stopping: Promise<void> | undefined;

  constructor(context: EngineExecContext, marked: MarkedCommand, socket: Duplex, options: ContainerProcessOptions) {
    this.#context = context;
    this.#marked = marked;
    this.#socket = socket;
    this.#options = options;
    const { signal, stdin, timeoutMs } = options;
    socket.on('error', noted);
    const outcome = this.#follow();
    this.#ended = outcome.then(noted, noted);
    this.exit = this.#delivered(outcome);
    // Whoever disposes of the process without asking how it ended has been told by what made him do so.
    this.exit.catch(noted);
    const onAbort = (): void => void this.stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#over.signal.addEventListener('abort', () => signal?.removeEventListener('abort', onAbort), { once: true });
    if (signal?.aborted === true) onAbort();
    if (timeoutMs !== undefined) void this.#limit(timeoutMs);
    void this.#watch();
    if (stdin !== undefined) void feedSocket(this.#counted(stdin), socket).catch((error) => this.stop(error));
  }

  /** Resolves when nothing of it is left, here and in the container, however that came. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Makes an end of it, inside of the container too: `exit` and whoever reads get the reason. */
  async stop(reason: unknown): Promise<void> {
    if (this.#stopped === undefined && !this.#over.signal.aborted) {
      this.#stopped = { reason };
      this.stdout.fail(reason);
      this.stderr.fail(reason);
      this.#stopping = this.#endInside();
    }
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(new CodedError({ code: 'cancelled', message: `${this.#options.what} was given up` }));
  }

  /** Reads the connection to its end, and finds out what that means. */
  async #follow(): Promise<ProcessExit> {
    try {
      await demultiplex(this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>, {
        stdout: async (bytes) => await this.#toStdout(bytes),
        stderr: async (bytes) => await this.#deliver(this.stderr, bytes),
      });
      if (this.#stopping === undefined) {
        const exit = await this.#howItEnded();
        if (this.#stopping === undefined) {
          this.#over.abort();
          this.stdout.end();
          this.stderr.end();
          return exit;
        }
      }
    } catch (error) {
      this.#stopped ??= { reason: await this.#linkFailure(error) };
      if (!isContainerGone(this.#stopped.reason)) this.#stopping ??= this.#endInside();
      this.stdout.fail(this.#stopped.reason);
      this.stderr.fail(this.#stopped.reason);
    } finally {
      await this.#stopping;
      this.#over.abort();
      this.#socket.destroy();
    }
    throw this.#stopped?.reason;
  }

  async #delivered(outcome: Promise<ProcessExit>): Promise<ProcessExit> {
    const exit = await outcome;
    await Promise.all([this.stdout.drained(), this.stderr.drained()]);
    // Stopped after its end, while somebody still read: the reader has got the reason.
    if (this.#stopped !== undefined) throw this.#stopped.reason;
    return exit;
  }

  async #toStdout(bytes: Uint8Array): Promise<void> {
    if (this.#isStarted === undefined) {
      this.#isStarted = !isNeverStarted(await inspectExec(this.#context, this.#marked.execId), bytes);
      if (!this.#isStarted) this.#neverStarted = exitOfNeverStarted(new TextDecoder().decode(bytes));
    }
    // An engine writes why it could not start a command to where its output would be.
    await this.#deliver(this.#isStarted ? this.stdout : this.stderr, bytes);
  }

  async #deliver(pipe: BoundedPipe, bytes: Uint8Array): Promise<void> {
    this.#moved = true;
    if (pipe.isAbandoned && !this.#isToldOfLeaving && this.#stopped === undefined) {
      // Nobody reads any more: a command of this machine would meet a closed pipe now. Its streams are read away meanwhile: an engine that waits
      // for them to be read tells the end of no other command in that container.
      this.#isToldOfLeaving = true;
      void signalMarked(this.#context, this.#marked, 'PIPE').catch(noted);
    }
    await pipe.write(bytes);
    this.#moved = true;
  }

  async *#counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      this.#moved = true;
      yield bytes;
    }
  }

  async #howItEnded(): Promise<ProcessExit> {
    const { link } = this.#context;
    const { what, startedAt } = this.#options;
    const found = await untilEnded(this.#context, this.#marked.execId, exitCodeMs);
    if (typeof found?.ExitCode === 'number' && found.ExitCode === 0) return exitOfCode(found.ExitCode);
    const became = await whatBecameOf(this.#context, startedAt);
    if (became !== undefined) throw containerLost(link, what, became);
    if (typeof found?.ExitCode !== 'number') throw connectionLost(what, 'its streams ended, and the engine does not tell how it did', link);
    return this.#neverStarted ?? exitOfCode(found.ExitCode);
  }

  /** The connection broke: because of the container, or on the way there. */
  async #linkFailure(error: unknown): Promise<unknown> {
    const { link } = this.#context;
    const { what, startedAt } = this.#options;
    const became = await whatBecameOf(this.#context, startedAt).catch(noted);
    if (became !== undefined) return containerLost(link, what, became);
    // That a connection to the engine was closed from here says nothing of why.
    return CodedError.is(error) && error.code !== 'cancelled' ? error : connectionLost(what, error, link);
  }

  /** Asks the command to end, then kills it. What cannot be ended is told, since it may go on changing things. */
  async #endInside(): Promise<void> {
    try {
      await untilStarted(this.#context, this.#marked.execId, askedMs);
      for (const [signal, waitMs] of [
        ['TERM', askedMs],
        ['KILL', killedMs],
      ] as const) {
        await signalMarked(this.#context, this.#marked, signal);
        if ((await untilEnded(this.#context, this.#marked.execId, waitMs))?.Running !== undefined) {
          // What it started may have another parent by now, and still carries the mark.
          await signalMarked(this.#context, this.#marked, 'KILL');
          return;
        }
        if ((await whatBecameOf(this.#context, this.#options.startedAt)) === 'removed') return;
      }
      this.#note('its process in the container could not be ended and may still run');
    } catch (error) {
      this.#note(`whether its process in the container has ended is not known (${error instanceof Error ? error.message : String(error)})`);
    } finally {
      this.#socket.destroy();
    }
  }

  #note(what: string): void {
    const reason = this.#stopped?.reason;
    this.#stopped = {
      reason: new CodedError({
        code: CodedError.is(reason) ? reason.code : 'cancelled',
        message: `${CodedError.is(reason) ? reason.message : `${this.#options.what} was stopped`}; ${what}`,
        hint: 'Look at the processes in the container. One without a shell can be reached only through the machine of its engine, by root.',
        retry: CodedError.is(reason) ? reason.retry : 'permanent',
        context: { ...(CodedError.is(reason) ? reason.context : {}), link: this.#context.link, mayStillRun: true },
        cause: reason,
      }),
    };
  }

  async #limit(timeoutMs: number): Promise<void> {
    await this.#context.clock.sleep(timeoutMs, this.#over.signal).catch(noted);
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

  /** A container that is paused, or an engine that is gone without a word, would leave the streams silent for ever. */
  async #watch(): Promise<void> {
    const { clock, link } = this.#context;
    for (;;) {
      this.#moved = false;
      await clock.sleep(silenceMs, this.#over.signal).catch(noted);
      if (this.#over.signal.aborted || this.#stopped !== undefined) return;
      if (this.#moved) continue;
      try {
        const became = await whatBecameOf(this.#context, this.#options.startedAt);
        if (became !== undefined) await this.stop(containerLost(link, this.#options.what, became));
      } catch (error) {
        await this.stop(connectionLost(this.#options.what, error, link));
      }
    }
  }
}
