import { Duplex } from 'node:stream';
import type { ByteStream } from '../port.ts';

/** A byte stream of a chain as what node:http and node:tls take for a socket. Destroying it disposes of the stream. */
export class StreamSocket extends Duplex {
  readonly #stream: ByteStream;
  readonly #incoming: AsyncIterator<Uint8Array>;

  constructor(stream: ByteStream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.#incoming = stream.incoming[Symbol.asyncIterator]();
  }

  // What a pool of connections asks of a socket, and what has no meaning here.

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  override _read(): void {
    this.#incoming.next().then(
      ({ done, value }) => void this.push(done === true ? null : value),
      (error) => void this.destroy(asError(error)),
    );
  }

  override _write(bytes: Uint8Array, _encoding: unknown, done: (error?: Error) => void): void {
    this.#stream.write(bytes).then(
      () => done(),
      (error) => done(asError(error)),
    );
  }

  override _final(done: (error?: Error) => void): void {
    this.#stream.end().then(
      () => done(),
      (error) => done(asError(error)),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream[Symbol.asyncDispose]().then(
      () => done(error),
      (failure) => done(error ?? asError(failure)),
    );
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
