import type { FastRandom } from './fast-random.ts';

const tokens = [
  '{', '}', '[', ']', '"', ',', ':', 'null', 'true', '-1', '0', '1e400', '1.5', '18446744073709551616', '99999999999999999999999', '\\u0000',
  '\\ud800', '\\', '\\x', '\u2028', '""', '{}', '[]', '[[[[', '{"nodes":', '"packs":', '../', '/', '\0',
].map((token) => Buffer.from(token)); // biome-ignore format: a list to be read as one

/** The bytes with one to six things done to them that storage, memory or malice may do. */
export function mutate(random: FastRandom, original: Uint8Array): Uint8Array {
  let bytes = Buffer.from(original);
  for (let times = 1 + random.below(6); times > 0; times--) bytes = Buffer.from(mutateOnce(random, bytes));
  return bytes;
}

function mutateOnce(random: FastRandom, bytes: Buffer): Uint8Array {
  const at = random.below(bytes.byteLength + 1);
  const to = at + random.below(Math.min(64, bytes.byteLength - at) + 1);
  const [before, slice, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (random.below(9)) {
    case 0: // a bit flips
    case 1:
      if (at < bytes.byteLength) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    case 2: // the end is lost
      return before;
    case 3: // a piece is lost
      return Buffer.concat([before, after]);
    case 4: // a piece is there again
      return Buffer.concat([before, slice, slice, after]);
    case 5: // something comes in
      return Buffer.concat([before, random.bytes(1 + random.below(8)), slice, after]);
    case 6:
      return Buffer.concat([before, tokens[random.below(tokens.length)] as Buffer, after]);
    case 7: // another length field or number
      if (at + 4 <= bytes.byteLength) bytes.writeUInt32LE(random.below(2) === 0 ? 0xffffffff : random.below(2 ** 31), at);
      return bytes;
    default: // depth
      return Buffer.concat([before, Buffer.alloc(random.below(4) === 0 ? 20_000 : 70, random.below(2) === 0 ? '[' : '{"a":'), after]);
  }
}
