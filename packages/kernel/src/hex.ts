/** Lower-case hexadecimal of the bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** The bytes of a hexadecimal text whose form the caller has checked. */
export function fromHex(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}
