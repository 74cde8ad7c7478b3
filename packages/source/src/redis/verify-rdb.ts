import { Crc64, redisCrc64 } from '../crc64.ts';
import { incomplete } from '../source-errors.ts';

/** What a server without a disk puts behind the file when it sends it: 40 hexadecimal digits that it announced before. */
const markBytes = 40;
const sumBytes = 8;
const endOpcode = 0xff;
const heldBytes = 1 + sumBytes + markBytes;

/**
 * Passes an RDB file on, without the mark that may follow it in a transfer; throws `source-incomplete` unless it begins as one and ends with its
 * end sign and the checksum of all that came before. A server that writes no checksums (`rdbchecksum no`) is refused: nothing could tell
 * whether its file is whole.
 */
export async function* verifyRdb(bytes: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  const sum = new Crc64(redisCrc64);
  let held: Uint8Array = new Uint8Array(0);
  let isFirst = true;
  for await (const piece of bytes) {
    const joined = Buffer.concat([held, piece]);
    if (joined.byteLength <= heldBytes) {
      held = joined;
      continue;
    }
    const sure = joined.subarray(0, joined.byteLength - heldBytes);
    // Another piece of memory than the one that goes on.
    held = Uint8Array.from(joined.subarray(-heldBytes));
    if (isFirst) checkHead(Buffer.concat([sure, held]), what);
    isFirst = false;
    sum.update(sure);
    yield sure;
  }
  if (isFirst) checkHead(held, what);
  const rest = withoutMark(held, sum, what);
  yield rest;
}

function checkHead(head: Uint8Array, what: string): void {
  if (!/^REDIS\d{4}/.test(Buffer.from(head.subarray(0, 9)).toString('latin1')))
    throw incomplete(what, 'it does not begin as an RDB file does');
}

/** The held bytes as far as they belong to the file. */
function withoutMark(held: Uint8Array, before: Crc64, what: string): Uint8Array {
  if (isEnd(held, before)) return held;
  const file = held.subarray(0, -markBytes);
  const mark = Buffer.from(held.subarray(-markBytes)).toString('latin1');
  if (held.byteLength === heldBytes && /^[0-9a-f]{40}$/.test(mark) && isEnd(file, before)) return file;
  const bare = [held, file].some((end) => end.at(-sumBytes - 1) === endOpcode && end.slice(-sumBytes).every((byte) => byte === 0));
  if (!bare) throw incomplete(what, 'it does not end with the checksum of what came before');
  throw incomplete(what, 'it has no checksum, so that nothing can tell whether it is whole', {
    hint: 'Start the server with `rdbchecksum yes` (the default).',
  });
}

function isEnd(end: Uint8Array, before: Crc64): boolean {
  if (end.byteLength <= sumBytes || end.at(-sumBytes - 1) !== endOpcode) return false;
  const sum = before.fork();
  sum.update(end.subarray(0, -sumBytes));
  return sum.value !== 0n && sum.value === Buffer.from(end.subarray(-sumBytes)).readBigUInt64LE();
}
