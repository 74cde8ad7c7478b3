import type { Duplex } from 'node:stream';

const noted = (): undefined => undefined;

/**
 * Writes a source to a connection with back-pressure, then ends that direction of it. A connection that takes no more (the command wants no more,
 * or has ended) ends the feeding without an error, and without waiting for a source that has nothing to give yet. Rejects with what the source
 * throws, and then leaves the direction open, so that nobody takes what came for the whole.
 */
export async function feedSocket(source: AsyncIterable<Uint8Array>, socket: Duplex): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let isClosed = socket.destroyed;
  let wake = noted as () => void;
  const onClose = (): void => {
    isClosed = true;
    wake();
  };
  for (const event of ['close', 'error']) socket.once(event, onClose);
  // Not Promise.race against one promise of the closing: that would hold every block until the end.
  const orClosed = async <T>(start: (done: (value: T) => void, failed: (error: unknown) => void) => void): Promise<T | undefined> =>
    await new Promise((resolve, reject) => {
      wake = () => resolve(undefined);
      if (isClosed) wake();
      else start(resolve, reject);
    });
  for (;;) {
    const next = await orClosed<IteratorResult<Uint8Array>>((done, failed) => void iterator.next().then(done, failed));
    if (next === undefined) break;
    if (next.done === true) return void socket.end();
    if (!socket.write(next.value)) await orClosed<void>((done) => void socket.once('drain', done));
    if (isClosed) break;
  }
  void Promise.resolve(iterator.return?.()).catch(noted);
}
