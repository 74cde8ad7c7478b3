/**
 * Gives the memory of bytes back at once, rather than when the garbage collector comes by: it knows little of memory outside its heap,
 * and packs come fast. The bytes must have a buffer of their own, and nobody may look at them any more. Shared memory stays: whoever shared
 * it uses it again.
 */
export function releaseBytes({ buffer }: Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
