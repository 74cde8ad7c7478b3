/** Reads exactly `sizeBytes` bytes (a content throws by itself when it is shorter), into the memory given if they fit there. */
export async function fillBytes(content: AsyncIterable<Uint8Array>, sizeBytes: number, into: Uint8Array | undefined): Promise<Uint8Array> {
  const fits = into !== undefined && sizeBytes <= into.byteLength;
  const bytes = fits ? into.subarray(0, sizeBytes) : new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
  let filled = 0;
  for await (const part of content) {
    bytes.set(part, filled);
    filled += part.byteLength;
  }
  return bytes;
}
