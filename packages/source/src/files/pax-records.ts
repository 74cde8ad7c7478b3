import { sourceIncomplete } from './source-incomplete.ts';

const space = 0x20;
const equals = 0x3d;
const newline = 0x0a;

/** The records of an extended header, each `LENGTH KEY=VALUE\n`. `source-incomplete` for everything else. */
export function parsePaxRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < bytes.byteLength; ) {
    const gap = bytes.indexOf(space, at);
    const digits = gap < 0 ? '' : bytes.toString('latin1', at, gap);
    if (!/^[1-9]\d{0,8}$/.test(digits)) throw garbled();
    const end = at + Number(digits);
    const sign = bytes.indexOf(equals, gap);
    if (end > bytes.byteLength || sign < 0 || sign >= end || bytes[end - 1] !== newline) throw garbled();
    records.set(bytes.toString('utf8', gap + 1, sign), Buffer.from(bytes.subarray(sign + 1, end - 1)));
    at = end;
  }
  return records;
}

function garbled(): Error {
  return sourceIncomplete('The stream of files', 'an extended header is not as it should be');
}
