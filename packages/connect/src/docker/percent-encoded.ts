const unreserved = /[A-Za-z0-9._~-]/;

/** For a query or a part of a path: any bytes at all; text stands for its UTF-8. */
export function percentEncoded(value: string | Uint8Array): string {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return byte < 0x80 && unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
