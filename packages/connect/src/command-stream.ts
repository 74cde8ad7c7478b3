import { ByteQueue } from './byte-queue.ts';
import { collectTail } from './collect-tail.ts';
import { connectionLost } from './link-errors.ts';
import type { ByteStream, CallOptions, Command, Host, ProcessExit, RemoteProcess } from './port.ts';
import { describeExit, succeeded } from './run-to-end.ts';

/**
 * A command as a byte stream: what is written it reads, what it writes comes in. So can `nc HOST PORT` or `docker system dial-stdio` on a host
 * carry a connection. Its end other than with exit code 0 breaks the stream, with what the command said. The signal is for opening it.
 */
export async function openCommandStream(host: Host, command: Command, options: CallOptions = {}): Promise<ByteStream> {
  options.signal?.throwIfAborted();
  const outgoing = new ByteQueue();
  return new CommandStream(await host.exec(command, { stdin: outgoing }), outgoing, `A connection from ${host.description}`);
}

/** Why the end of a stream is not a good one, or undefined where it is. */
export type LastWords = (exit: ProcessExit, said: string) => Promise<string | undefined>;

/** The streams of a process that runs already, whose standard input is that queue. */
export class CommandStream implements ByteStream {
  readonly #running: RemoteProcess;
  readonly #outgoing: ByteQueue;
  readonly #what: string;
  readonly #lastWords: LastWords;
  readonly #said: Promise<string>;

  constructor(running: RemoteProcess, outgoing: ByteQueue, what: string, lastWords: LastWords = wordsOf) {
    this.#running = running;
    this.#outgoing = outgoing;
    this.#what = what;
    this.#lastWords = lastWords;
    this.#said = collectTail(running.stderr).catch(() => '');
    const gone = (cause: unknown): void => outgoing.close(connectionLost(what, cause));
    running.exit.then(() => gone('the other end closed it'), gone);
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#outgoing.write(bytes);
  }

  async end(): Promise<void> {
    this.#outgoing.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    yield* this.#running.stdout;
    const [said, exit] = await Promise.all([this.#said, this.#running.exit]);
    const why = await this.#lastWords(exit, said.trim());
    if (why !== undefined) throw connectionLost(this.#what, why);
  }
}

async function wordsOf(exit: ProcessExit, said: string): Promise<string | undefined> {
  if (succeeded(exit)) return undefined;
  return said === '' ? `its command ${describeExit(exit)}` : said.split('\n').at(-1);
}
