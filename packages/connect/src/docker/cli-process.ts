import { type Clock, CodedError } from '@holdfast/kernel';
import { connectionLost } from '../link-errors.ts';
import type { ExecOptions, ProcessExit, RemoteProcess } from '../port.ts';
import { describeExit, succeeded } from '../run-to-end.ts';
import { BoundedPipe } from './bounded-pipe.ts';
import type { CliEngine } from './cli-engine.ts';
import { execWords } from './client-words.ts';
import type { ContainerCommand } from './container-words.ts';
import { containerLost, isContainerGone } from './engine-errors.ts';
import { EngineWords } from './engine-words.ts';
import { exitOfCode } from './process-exit.ts';

export interface CliProcessParts {
  readonly client: CliEngine;
  readonly containerId: string;
  readonly command: ContainerCommand;
  readonly mark: string;
  readonly startedAt: string;
  /** For messages: `tar on docker pg`. */
  readonly what: string;
  readonly clock: Clock;
}

/** How often it is looked whether what was asked to end has ended, before it is killed, and after. */
const lookAgainMs = 500;
const looksWhenAsked = 10;
const looksWhenKilled = 10;
const noted = (): undefined => undefined;

/** Starts a command in a container by the client. Its standard input is guarded: what breaks it off ends the command before the input ends. */
export async function startCliProcess(parts: CliProcessParts, options: ExecOptions): Promise<CliProcess> {
  const { client, containerId, command, mark } = parts;
  const argv = execWords(client.words, containerId, command, mark, options.stdin !== undefined);
  const clientEnd = new AbortController();
  const input: Input = {};
  const stdin = options.stdin === undefined ? undefined : guarded(options.stdin, parts, input);
  const running = await client.via.exec({ argv }, { stdin, signal: clientEnd.signal });
  return new CliProcess(parts, running, clientEnd, input, options);
}

/** What became of the source that a command reads. */
interface Input {
  failure?: { readonly reason: unknown };
}

/** A command in a container and the client process that carries its streams. The two end apart: killing the client leaves the command running. */
export class CliProcess implements RemoteProcess {
  readonly stdout: BoundedPipe = new BoundedPipe();
  readonly stderr: BoundedPipe = new BoundedPipe();
  readonly exit: Promise<ProcessExit>;
  /** Resolves when nothing of it is left, here and in the container, however that came. */
  readonly ended: Promise<void>;
  readonly #parts: CliProcessParts;
  readonly #client: RemoteProcess;
  readonly #clientEnd: AbortController;
  readonly #input: Input;
  readonly #over = new AbortController();
  readonly #words = new EngineWords();
  #isToldOfLeaving = false;
  #stopped: { reason: unknown } | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: CliProcessParts, client: RemoteProcess, clientEnd: AbortController, input: Input, { signal, timeoutMs }: ExecOptions) {
    this.#parts = parts;
    this.#client = client;
    this.#clientEnd = clientEnd;
    this.#input = input;
    const outcome = this.#follow();
    this.ended = outcome.then(noted, noted);
    this.exit = this.#delivered(outcome);
    // Whoever disposes of the process without asking how it ended has been told by what made him do so.
    this.exit.catch(noted);
    const onAbort = (): void => void this.stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#over.signal.addEventListener('abort', () => signal?.removeEventListener('abort', onAbort), { once: true });
    if (signal?.aborted === true) onAbort();
    if (timeoutMs !== undefined) void this.#limit(timeoutMs);
  }

  /** Makes an end of it: the command first, then the client. `exit` and whoever reads get the reason. */
  async stop(reason: unknown): Promise<void> {
    if (this.#stopped === undefined && !this.#over.signal.aborted) {
      const stopped = { reason };
      this.#stopped = stopped;
      this.stdout.fail(reason);
      this.stderr.fail(reason);
      this.#stopping = endInside(this.#parts)
        .catch((error) => {
          stopped.reason = stillRunning(this.#parts, reason, error);
        })
        .finally(() => this.#clientEnd.abort(stopped.reason));
    }
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(new CodedError({ code: 'cancelled', message: `${this.#parts.what} was given up` }));
    await this.#client[Symbol.asyncDispose]();
  }

  /** Why it was ended from here, if it was. */
  get #brokenOff(): { readonly reason: unknown } | undefined {
    return this.#stopped ?? this.#input.failure;
  }

  /** Reads the client's streams to their ends, and finds out what its end means. */
  async #follow(): Promise<ProcessExit> {
    try {
      const [exit] = await Promise.all([
        this.#client.exit,
        this.#pass(this.#words.without(this.#client.stdout), this.stdout),
        this.#pass(this.#client.stderr, this.stderr),
      ]);
      const judged = this.#brokenOff === undefined ? await this.#judge(exit) : undefined;
      if (judged !== undefined && this.#brokenOff === undefined) {
        if (this.#words.reason !== undefined) await this.stderr.write(this.#words.reason);
        this.#over.abort();
        this.stdout.end();
        this.stderr.end();
        return judged;
      }
    } catch (error) {
      this.#stopped ??= this.#input.failure ?? { reason: error };
      if (!isContainerGone(error)) this.#stopping ??= endInside(this.#parts).catch(noted);
    }
    await this.#stopping;
    this.#over.abort();
    const reason = this.#brokenOff?.reason;
    this.stdout.fail(reason);
    this.stderr.fail(reason);
    throw reason;
  }

  async #delivered(outcome: Promise<ProcessExit>): Promise<ProcessExit> {
    const exit = await outcome;
    await Promise.all([this.stdout.drained(), this.stderr.drained()]);
    return exit;
  }

  /** Goes on when nobody reads any more: an engine that waits for streams to be read tells the end of no other command in that container. */
  async #pass(stream: AsyncIterable<Uint8Array>, pipe: BoundedPipe): Promise<void> {
    const { client, containerId, mark, command } = this.#parts;
    for await (const bytes of stream) {
      if (pipe.isAbandoned && !this.#isToldOfLeaving && this.#brokenOff === undefined) {
        this.#isToldOfLeaving = true;
        void client.signalMarked(containerId, mark, command.user, 'PIPE').catch(noted);
      }
      await pipe.write(bytes);
    }
  }

  async #judge(exit: ProcessExit): Promise<ProcessExit> {
    const { client, containerId, what, startedAt, mark, command } = this.#parts;
    if (succeeded(exit)) return exit;
    const became = await client.whatBecameOf(containerId, startedAt);
    if (became !== undefined) throw containerLost(client.link, what, became);
    // The client failed, or was killed (which over a shell looks like the command's own death): the command may still run.
    const isInDoubt = exit.kind === 'signalled' || exit.code === 125;
    const isLeft = isInDoubt && (await client.signalMarked(containerId, mark, command.user, '0')) === 'found';
    if (isLeft || (exit.kind === 'exited' && exit.code === 125))
      throw connectionLost(what, `its client ${describeExit(exit)}`, client.link);
    return this.#words.exit ?? (exit.kind === 'exited' ? exitOfCode(exit.code) : exit);
  }

  async #limit(timeoutMs: number): Promise<void> {
    await this.#parts.clock.sleep(timeoutMs, this.#over.signal).catch(noted);
    if (this.#over.signal.aborted) return;
    await this.stop(
      new CodedError({
        code: 'command-timeout',
        message: `${this.#parts.what} did not end within ${timeoutMs / 1000} s and was stopped`,
        hint: 'Look what it waits for, or give it more time.',
        retry: 'temporary',
        context: { timeoutMs },
      }),
    );
  }
}

/** Ends the command before a failure of its input can look to it like the end of its input. */
async function* guarded(source: AsyncIterable<Uint8Array>, parts: CliProcessParts, input: Input): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    input.failure = { reason: error };
    await endInside(parts).catch(noted);
    throw error;
  }
}

/** Asks the command in the container to end, then kills it. Rejects when it is still there after that, or when nobody can tell. */
async function endInside({ client, containerId, mark, command, clock, startedAt }: CliProcessParts): Promise<void> {
  for (const [signal, looks] of [
    ['TERM', looksWhenAsked],
    ['KILL', looksWhenKilled],
  ] as const) {
    let state = await client.signalMarked(containerId, mark, command.user, signal);
    for (let look = 0; look < looks && state === 'found'; look++) {
      await clock.sleep(lookAgainMs);
      state = await client.signalMarked(containerId, mark, command.user, '0', true);
    }
    if (state === 'none') return;
    const became = await client.whatBecameOf(containerId, startedAt);
    if (became !== undefined && became !== 'paused') return;
  }
  throw new Error('it could not be ended and may still run');
}

function stillRunning({ what, client }: CliProcessParts, reason: unknown, why: unknown): CodedError {
  const known = CodedError.is(reason) ? reason : undefined;
  return new CodedError({
    code: known?.code ?? 'cancelled',
    message: `${known?.message ?? `${what} was stopped`}; its process in the container: ${why instanceof Error ? why.message : String(why)}`,
    hint: 'Look at the processes in the container.',
    retry: known?.retry ?? 'permanent',
    context: { ...known?.context, link: client.link, mayStillRun: true },
    cause: reason,
  });
}
