import { type ListingCommand, type ListingParser, type ListingRecord, listingArgv, pathOf } from './gnu-listing.ts';
import { deviceNumber, entryType, type ListedEntry } from './listed-entry.ts';
import { sourceIncomplete } from './source-incomplete.ts';

/**
 * Fields in front of the path are numbers, times and account names, none of which has a slash; a path is clean, so that two slashes end it; and
 * a link's target is as long as the link's size says. So no name can look like the end of its own record.
 */
const format = '%f|%u|%g|%s|%Y|%Z|%i|%d|%h|%t|%T|%U|%G|%y|%z|%n//%N//';

/** The words of a command that lists with BusyBox's find and stat; its output is for `StatListingParser`. */
export function statListingArgv(command: ListingCommand): (string | Uint8Array)[] {
  const { targets, onTheWay, oneFileSystem, shallow } = command;
  const words = (from: number, count: number): string => Array.from({ length: count }, (_, i) => `"\${${from + i}}"`).join(' ');
  const lines: string[] = [];
  if (onTheWay.length > 0) lines.push(`stat -c 'w|${format}' ${words(1, onTheWay.length)}`);
  const limits = `${shallow === true ? ' -maxdepth 0' : ''}${oneFileSystem ? ' -xdev' : ''}`;
  lines.push(`find ${words(onTheWay.length + 1, targets.length)}${limits} -exec stat -c 'e|${format}' {} +`);
  return listingArgv(lines, 'printf \'z|%d//\\n\' "$code"', command);
}

const headForm =
  /^([ew])\|([0-9a-f]{1,8})\|(\d{1,10})\|(\d{1,10})\|(\d{1,19})\|(-?\d{1,19})\|(-?\d{1,19})\|(\d{1,20})\|(\d{1,20})\|(\d{1,10})\|([0-9a-f]{1,8})\|([0-9a-f]{1,8})\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/;
const endForm = /^z\|(\d{1,3})$/;
const fraction = /^[-\d]+ [\d:]+\.(\d{9})(?: |$)/;
const separator = Buffer.from('//');
const recordEnd = Buffer.from('//\n');
const quote = Buffer.from("'");
const arrow = Buffer.from("' -> '");
const recordLimitBytes = 1 << 20;
const slash = 0x2f;
const nothing = Buffer.alloc(0);
/** What of a record has not come yet. */
const more = Symbol('more');

export class StatListingParser implements ListingParser {
  #held: Buffer = nothing;
  #code: number | undefined;
  /** Whether times came with the nanoseconds that BusyBox writes since version 1.33 or so. */
  hasNanoseconds = false;

  push(bytes: Uint8Array): ListingRecord[] {
    const data = this.#held.byteLength === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    const records: ListingRecord[] = [];
    let at = 0;
    while (at < data.byteLength) {
      const taken = this.#take(data.subarray(at));
      if (taken === more) break;
      if (taken.record !== undefined) records.push(taken.record);
      at += taken.length;
    }
    this.#held = Buffer.from(data.subarray(at));
    if (this.#held.byteLength > recordLimitBytes) throw garbled('a record does not end');
    return records;
  }

  get code(): number | undefined {
    return this.#code;
  }

  #take(data: Buffer): typeof more | { readonly record: ListingRecord | undefined; readonly length: number } {
    if (this.#code !== undefined) throw garbled('something follows its end');
    const start = data.indexOf(slash);
    if (start < 0) return more;
    const head = data.toString('latin1', 0, start);
    const end = endForm.exec(head);
    if (end !== null) {
      if (data.byteLength < start + recordEnd.byteLength) return more;
      if (!data.subarray(start, start + recordEnd.byteLength).equals(recordEnd)) throw garbled('its end is wrong');
      this.#code = Number(end[1]);
      return { record: undefined, length: start + recordEnd.byteLength };
    }
    const match = headForm.exec(head);
    if (match === null) throw garbled(`${JSON.stringify(head.slice(0, 80))} is no entry`);
    const nameEnd = data.indexOf(separator, start + 1);
    if (nameEnd < 0) return more;
    const path = pathOf(data.subarray(start, nameEnd));
    const type = entryType(Number.parseInt(match[2] as string, 16));
    const named = takeNamed(data, nameEnd + separator.byteLength, path, type === 'symlink' ? Number(match[5]) : undefined);
    if (named === more) return more;
    return { record: this.#entry(match, path, named.target), length: named.end };
  }

  #entry(match: RegExpExecArray, path: Buffer, linkTarget: Buffer | undefined): ListingRecord {
    const [, letter, mode = '', uid, gid, size, mtime, ctime, inode, deviceId, links, major = '', minor = '', user, group, m = '', c = ''] =
      match;
    const bits = Number.parseInt(mode, 16);
    const type = entryType(bits);
    const sizeBytes = Number(size);
    if (!Number.isSafeInteger(sizeBytes)) throw garbled('a size is too large');
    const isDevice = type === 'dev' || type === 'chardev';
    const entry: ListedEntry = {
      path,
      type,
      permissions: bits & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      user: nameOf(user),
      group: nameOf(group),
      sizeBytes,
      mtimeNs: this.#time(mtime as string, m),
      ctimeNs: this.#time(ctime as string, c),
      inode: BigInt(inode as string),
      deviceId: BigInt(deviceId as string),
      links: Number(links),
      linkTarget,
      device: isDevice ? deviceNumber(Number.parseInt(major, 16), Number.parseInt(minor, 16)) : 0n,
    };
    return { kind: 'entry', entry, onTheWay: letter === 'w' };
  }

  #time(seconds: string, text: string): bigint {
    const nanos = fraction.exec(text)?.[1];
    if (nanos !== undefined) this.hasNanoseconds = true;
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanos ?? 0);
  }
}

/** What follows the path: the path again, or, of a link, both its path and its target in quotes. */
function takeNamed(
  data: Buffer,
  from: number,
  path: Buffer,
  linkBytes: number | undefined,
): typeof more | { readonly target: Buffer | undefined; readonly end: number } {
  if (linkBytes === undefined) {
    const end = from + path.byteLength;
    if (data.byteLength < end + recordEnd.byteLength) return more;
    if (!data.subarray(from, end).equals(path) || !data.subarray(end, end + recordEnd.byteLength).equals(recordEnd)) {
      throw garbled('an entry has two names');
    }
    return { target: undefined, end: end + recordEnd.byteLength };
  }
  const opening = Buffer.concat([quote, path, arrow]);
  const start = from + opening.byteLength;
  const closing = Buffer.concat([quote, recordEnd]);
  if (data.byteLength < start + linkBytes + closing.byteLength) return more;
  if (!data.subarray(from, start).equals(opening)) throw garbled('a link has two names');
  // Links that the kernel makes up (/proc) have no size: theirs ends where a record can end.
  const end = linkBytes > 0 ? start + linkBytes : data.indexOf(closing, start);
  if (end < 0) return more;
  if (!data.subarray(end, end + closing.byteLength).equals(closing)) throw garbled('a link is longer than its size');
  return { target: Buffer.from(data.subarray(start, end)), end: end + closing.byteLength };
}

/** What stat writes where there is no name. */
function nameOf(name: string | undefined): string {
  return name === undefined || name === 'UNKNOWN' ? '' : Buffer.from(name, 'latin1').toString();
}

function garbled(why: string): Error {
  return sourceIncomplete('The listing of the source', why);
}
