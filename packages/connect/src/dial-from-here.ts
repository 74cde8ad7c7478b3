import { connect } from 'node:net';
import { linkUnreachable } from './link-errors.ts';
import type { ByteStream, CallOptions, HostPort } from './port.ts';
import { SocketStream } from './socket-stream.ts';

/** A TCP connection made by this machine. */
export async function dialFromHere(address: HostPort, options: CallOptions = {}): Promise<ByteStream> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const target = `${address.host} port ${address.port}`;
  const socket = connect({ host: address.host, port: address.port, allowHalfOpen: true });
  const onAbort = (): void => void socket.destroy(new Error('aborted'));
  signal?.addEventListener('abort', onAbort);
  if (timeoutMs !== undefined) socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  } catch (error) {
    signal?.throwIfAborted();
    throw linkUnreachable(target, 'this machine', error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  socket.setTimeout(0);
  socket.setNoDelay(true);
  return new SocketStream(socket, target);
}
