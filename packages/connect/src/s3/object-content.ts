import type { Readable } from 'node:stream';

export interface ContentOptions {
  /** How many bytes the server has announced. */
  readonly sizeBytes: number;
  readonly signal: AbortSignal | undefined;
  /** The error for a content that broke off. */
  readonly failed: (error: unknown) => Error;
}

/** Exactly the announced bytes of an answer, or an error. Leaving early ends the transfer; an abort ends it with the signal's reason. */
export async function* objectContent(
  body: Readable,
  { sizeBytes, signal, failed }: ContentOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  const stop = (): void => void body.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      bytes += chunk.byteLength;
      if (bytes > sizeBytes) break;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(error);
  } finally {
    signal?.removeEventListener('abort', stop);
    body.destroy();
  }
  signal?.throwIfAborted();
  if (bytes !== sizeBytes)
    throw failed(brokenOff(`the answer has ${bytes > sizeBytes ? 'more than ' : ''}${Math.min(bytes, sizeBytes)} of ${sizeBytes} bytes`));
}

/** An error as the system has it where a connection breaks. */
export function brokenOff(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
