/**
 * Gives the memory of bytes back at once, rather than when the garbage collector comes by: it knows little of memory outside its heap,
 * and packs come fast. The bytes must have a buffer of their own, and nobody may look at them any more.
 */
export function releaseBytes(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}
