import { writeAt } from '../../posix/file-calls.ts';
import { checked } from '../../posix/system-error.ts';

/** Shorter runs of zeros are written: a file system keeps no smaller holes. */
const blockBytes = 4096;
const zeros = new Uint8Array(blockBytes);

/** Writes `content` at `offset` of a file that reads as zeros there, leaving out whole blocks of zeros. */
export function writeSparsely(fd: number, content: Uint8Array, offset: number): void {
  let start = -1;
  for (let at = 0; at < content.byteLength; ) {
    const end = Math.min(content.byteLength, at + blockBytes - ((offset + at) % blockBytes));
    const block = content.subarray(at, end);
    const isHole = block[0] === 0 && Buffer.compare(block, zeros.subarray(0, block.byteLength)) === 0;
    if (!isHole && start < 0) start = at;
    if (isHole && start >= 0) {
      checked(writeAt(fd, content.subarray(start, at), offset + start), 'write');
      start = -1;
    }
    at = end;
  }
  if (start >= 0) checked(writeAt(fd, content.subarray(start), offset + start), 'write');
}
