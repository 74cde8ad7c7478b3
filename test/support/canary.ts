/**
 * The bytes as which a secret may stand somewhere: plain, hexadecimal, for addresses, in JSON, in UTF-16, and inside of a longer Base64 text at
 * each of the three ways to lie in it.
 */
export function writingsOf(secret: string): readonly Buffer[] {
  const plain = Buffer.from(secret, 'utf8');
  const hex = plain.toString('hex');
  const texts = [hex, hex.toUpperCase(), encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2)];
  texts.push(JSON.stringify(secret).slice(1, -1), ...[0, 1, 2].flatMap((shift) => base64At(plain, shift)));
  return [plain, Buffer.from(secret, 'utf16le'), ...texts.map((text) => Buffer.from(text, 'utf8'))];
}

/** Where one of the secrets stands in the bytes, by the name that it has here; undefined where none does. */
export function findCanary(bytes: Buffer, canaries: ReadonlyMap<string, readonly Buffer[]>): string | undefined {
  for (const [name, writings] of canaries) {
    const found = writings.find((writing) => bytes.includes(writing));
    if (found !== undefined) return `${name} as ${JSON.stringify(found.toString('latin1').slice(0, 12))}…`;
  }
  return undefined;
}

/** The characters that are the same whatever stands before and after it. */
function base64At(plain: Buffer, shift: number): string[] {
  const lead = Buffer.alloc(shift);
  const bytes = Buffer.concat([lead, plain]);
  const skip = [0, 2, 3][shift] ?? 0;
  const end = Math.floor((bytes.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((form) => bytes.toString(form).slice(skip, end));
}
