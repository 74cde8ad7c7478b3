import type { LocalProcess } from '../local-process.ts';
import type { ProcessExit, RemoteProcess } from '../port.ts';
import { afterMark, type MarkedStderr } from './far-marks.ts';

/** A command at the other end of an ssh that runs here. How it ended is what the far script said; ssh's own exit code proves nothing. */
export class SshProcess implements RemoteProcess {
  readonly exit: Promise<ProcessExit>;
  readonly #client: LocalProcess;
  readonly #stderr: MarkedStderr;
  readonly #mark: string;

  constructor(client: LocalProcess, stderr: MarkedStderr, mark: string, lost: () => Promise<Error>) {
    this.#client = client;
    this.#stderr = stderr;
    this.#mark = mark;
    this.exit = this.#waitForEnd(lost);
    // Whoever disposes of the process without asking how it ended has been told by what made him do so.
    this.exit.catch(() => undefined);
  }

  get stdout(): AsyncIterable<Uint8Array> {
    return afterMark(this.#client.stdout, this.#mark);
  }

  get stderr(): AsyncIterable<Uint8Array> {
    return this.#stderr.rest();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async #waitForEnd(lost: () => Promise<Error>): Promise<ProcessExit> {
    await this.#client.exit;
    if (this.#stderr.exit === undefined) throw await lost();
    return this.#stderr.exit;
  }
}
