import type { Duplex } from 'node:stream';
import { connectionLost } from './link-errors.ts';
import type { ByteStream } from './port.ts';

/** A connected socket as a byte stream. It must have been opened half-open (`allowHalfOpen`), and belongs to the stream from then on. */
export class SocketStream implements ByteStream {
  readonly #socket: Duplex;
  readonly #target: string;
  readonly #closed: Promise<void>;
  #error: Error | undefined;

  constructor(socket: Duplex, target: string) {
    this.#socket = socket;
    this.#target = target;
    socket.on('error', (error) => {
      this.#error = error;
    });
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // The callback comes when the system has the bytes, so that they may change and what waits stays bounded.
      this.#socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(this.#lost(error))));
    });
  }

  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.end(() => resolve()).once('close', resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }

  /** Not destroyed when the reading ends: writing may go on. */
  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#lost(error);
    }
    if (this.#error !== undefined) throw this.#lost(this.#error);
  }

  #lost(cause: unknown): Error {
    return connectionLost(`The connection to ${this.#target}`, cause);
  }
}
