import { createServer, type Server, type Socket } from 'node:net';
import type { ByteStream } from '../port.ts';

/**
 * A socket in the private directory behind which a stream of the previous host waits: how ssh, a program of its own, gets to a host that only
 * another link (a container, say) can reach. All of ssh itself stays on this machine, keys included; the previous host only carries bytes.
 */
export class WayDoor implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #failure: unknown;

  private constructor(dial: () => Promise<ByteStream>) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#carry(socket, dial));
  }

  /** Every connection to the socket gets a stream of its own from `dial`. */
  static async open(path: string, dial: () => Promise<ByteStream>): Promise<WayDoor> {
    const door = new WayDoor(dial);
    await new Promise<void>((resolve, reject) => door.#server.once('error', reject).listen(path, resolve));
    return door;
  }

  /** What the last connection failed of, if it did. */
  get failure(): unknown {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #carry(socket: Socket, dial: () => Promise<ByteStream>): Promise<void> {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    try {
      await using stream = await dial();
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      // Whichever way fails ends both: half a connection is none.
      await Promise.race([Promise.all([send(socket, stream), receive(stream, socket)]), closed]);
    } catch (error) {
      this.#failure = error;
    } finally {
      socket.destroy();
    }
  }
}

async function send(socket: Socket, stream: ByteStream): Promise<void> {
  for await (const bytes of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) await stream.write(bytes);
  await stream.end();
}

async function receive(stream: ByteStream, socket: Socket): Promise<void> {
  for await (const bytes of stream.incoming) {
    await new Promise<void>((resolve, reject) =>
      socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error))),
    );
  }
  await new Promise<void>((resolve) => socket.end(resolve));
}
