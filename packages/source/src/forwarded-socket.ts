import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteStream, Host, HostPort } from '@holdfast/connect/port';

/** A unix socket of this machine behind which a server of the far side answers. */
export interface ForwardedSocket extends AsyncDisposable {
  /** Only this account can look into it. */
  readonly folder: string;
  readonly path: string;
}

/**
 * Lets programs of this machine talk to a server that the far host reaches, where that side has no such programs: each connection to the socket
 * is dialled from there. A connection that cannot be made is closed at once, so that the program says what it says of a server that is down.
 * PostgreSQL's programs look for the name `.s.PGSQL.5432` in the folder that is given as their host.
 */
export async function forwardSocket(far: Host, address: HostPort, name = 'socket'): Promise<ForwardedSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-socket-'));
  const path = join(folder, name);
  const carried = new Set<Promise<void>>();
  const over = new AbortController();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const carrying = carry(far, address, socket, over.signal).finally(() => carried.delete(carrying));
    carried.add(carrying);
  });
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    folder,
    path,
    async [Symbol.asyncDispose]() {
      over.abort();
      server.close();
      await Promise.all(carried);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Carries one connection until both sides have ended or one has broken. Whoever speaks at its ends hears of a failure as a closed connection. */
async function carry(far: Host, address: HostPort, socket: Socket, signal: AbortSignal): Promise<void> {
  const close = (): void => void socket.destroy();
  socket.on('error', close);
  signal.addEventListener('abort', close, { once: true });
  try {
    await using stream = await far.dial(address, { signal });
    await Promise.all([outward(socket, stream), inward(stream, socket)]);
  } catch {
    // The program at the socket sees it closed and says so.
  } finally {
    signal.removeEventListener('abort', close);
    socket.destroy();
  }
}

async function outward(socket: Socket, stream: ByteStream): Promise<void> {
  // Without that the end of what it says would be the end of the whole socket.
  const said: AsyncIterable<Uint8Array> = socket.iterator({ destroyOnReturn: false });
  for await (const bytes of said) await stream.write(bytes);
  await stream.end();
}

async function inward(stream: ByteStream, socket: Socket): Promise<void> {
  for await (const bytes of stream.incoming) {
    if (!socket.write(bytes)) await told(socket, 'drain');
  }
  socket.end();
  await told(socket, 'finish');
}

/** Waits for the event, or for the end of the socket. */
async function told(socket: Socket, event: 'drain' | 'finish'): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      socket.off(event, go);
      socket.off('close', go);
      resolve();
    };
    socket.once(event, go);
    socket.once('close', go);
    if (socket.destroyed) go();
  });
}
