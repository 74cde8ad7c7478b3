import { deviceNumber, type EntryType, type ListedEntry } from './listed-entry.ts';
import { sourceIncomplete } from './source-incomplete.ts';

export type ListingRecord =
  | { readonly kind: 'entry'; readonly entry: ListedEntry; readonly onTheWay: boolean }
  /** A directory that may not be listed or entered. */
  | { readonly kind: 'unreadable'; readonly path: Uint8Array };

/** Reads a listing as it comes. Throws `source-incomplete` for whatever no listing says; half an entry is never given out. */
export interface ListingParser {
  push(bytes: Uint8Array): ListingRecord[];
  /** The exit code that the end marker names; undefined as long as it has not come. */
  readonly code: number | undefined;
}

export interface ListingCommand {
  readonly targets: readonly Uint8Array[];
  /** Directories on the way to the targets, of which the metadata are wanted. */
  readonly onTheWay: readonly Uint8Array[];
  readonly oneFileSystem: boolean;
  /** Only the targets themselves. */
  readonly shallow?: boolean;
  /** Packed by gzip on the far side: a tenth to a fifth of the bytes. The exit code is gzip's then, and that of the listing in its end marker. */
  readonly gzip: boolean;
}

/** The words of a script that lists, ends with the marker that `end` prints from `$code`, and takes the paths as arguments. */
export function listingArgv(listing: readonly string[], end: string, { onTheWay, targets, gzip }: ListingCommand): (string | Uint8Array)[] {
  const body = [...listing, 'code=$?', end];
  const lines = gzip ? ['{', ...body, '} | gzip -1 -c'] : [...body, 'exit "$code"'];
  return ['sh', '-c', ['LC_ALL=C; export LC_ALL', ...lines].join('\n'), 'holdfast', ...onTheWay, ...targets];
}

/** The fields of an entry after the letter that says what the record is, then four more, each ended by a NUL: names can have any other byte. */
const fields = '%y %m %U %G %s %T@ %C@ %i %D %n\\0%u\\0%g\\0%p\\0%l\\0';
/** A device says its number first: find does not know it. */
const device = "\\( \\( -type b -o -type c \\) -exec stat --printf 'r %t %T\\0' -- {} \\; \\)";

/** The words of a command that lists with GNU find; its output is for `GnuListingParser`. Only numbers of arguments enter the script. */
export function gnuListingArgv(command: ListingCommand): (string | Uint8Array)[] {
  const { targets, onTheWay, oneFileSystem, shallow } = command;
  const words = (from: number, count: number): string => Array.from({ length: count }, (_, i) => `"\${${from + i}}"`).join(' ');
  const lines: string[] = [];
  if (onTheWay.length > 0) lines.push(`find -P ${words(1, onTheWay.length)} -maxdepth 0 -printf 'w ${fields}'`);
  const unreadable = "\\( -type d \\( ! -readable -o ! -executable \\) -printf 'u\\0%p\\0' -prune \\)";
  const limits = `${shallow === true ? ' -maxdepth 0' : ''}${oneFileSystem ? ' -xdev' : ''}`;
  const start = `find -P ${words(onTheWay.length + 1, targets.length)}${limits}`;
  lines.push(`${start} ${device} , ${unreadable} -o -printf 'e ${fields}'`);
  return listingArgv(lines, 'printf \'z %d\\000\' "$code"', command);
}

const types: Readonly<Record<string, EntryType>> = {
  f: 'file',
  d: 'dir',
  l: 'symlink',
  b: 'dev',
  c: 'chardev',
  p: 'fifo',
  s: 'socket',
  D: 'irregular',
};
const headForm =
  /^([ew]) ([a-zA-Z?]) ([0-7]{1,4}) (\d{1,10}) (\d{1,10}) (\d{1,19}) (-?\d{1,19})\.(\d{9})0? (-?\d{1,19})\.(\d{9})0? (\d{1,20}) (\d{1,20}) (\d{1,10})$/;
const deviceForm = /^r ([0-9a-f]{1,8}) ([0-9a-f]{1,8})$/;
const endForm = /^z (\d{1,3})$/;
const fieldLimitBytes = 1 << 20;
const slash = 0x2f;
const nothing = Buffer.alloc(0);

export class GnuListingParser implements ListingParser {
  #held: Buffer = nothing;
  #fields: Buffer[] = [];
  #device: bigint | undefined;
  #code: number | undefined;

  push(bytes: Uint8Array): ListingRecord[] {
    const data = this.#held.byteLength === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    const records: ListingRecord[] = [];
    let at = 0;
    for (let end = data.indexOf(0, at); end >= 0; end = data.indexOf(0, at)) {
      const record = this.#take(data.subarray(at, end));
      if (record !== undefined) records.push(record);
      at = end + 1;
    }
    this.#held = at === 0 ? data : Buffer.from(data.subarray(at));
    if (this.#held.byteLength > fieldLimitBytes) throw garbled('a field does not end');
    if (this.#code !== undefined && this.#held.byteLength > 0) throw garbled('something follows its end');
    return records;
  }

  get code(): number | undefined {
    return this.#code;
  }

  #take(field: Buffer): ListingRecord | undefined {
    if (this.#code !== undefined) throw garbled('something follows its end');
    this.#fields.push(field);
    const head = this.#fields[0] as Buffer;
    if (head[0] === 0x75 && head.byteLength === 1)
      return this.#complete(2, ([, path = nothing]) => ({ kind: 'unreadable', path: pathOf(path) }));
    if (this.#fields.length === 1 && this.#takeLone(head.toString('latin1'))) {
      this.#fields = [];
      return undefined;
    }
    return this.#complete(5, (all) => this.#entry(all));
  }

  #complete(count: number, make: (all: readonly Buffer[]) => ListingRecord): ListingRecord | undefined {
    if (this.#fields.length < count) return undefined;
    const all = this.#fields;
    this.#fields = [];
    return make(all);
  }

  /** A record of one field; an entry's first field is checked here as well, so that what is no listing ends at once. */
  #takeLone(head: string): boolean {
    const end = endForm.exec(head);
    if (end !== null) {
      if (this.#device !== undefined) throw garbled('a device number belongs to nothing');
      this.#code = Number(end[1]);
      return true;
    }
    const number = deviceForm.exec(head);
    if (number !== null) {
      this.#device = deviceNumber(Number.parseInt(number[1] as string, 16), Number.parseInt(number[2] as string, 16));
      return true;
    }
    if (!headForm.test(head)) throw garbled(`${JSON.stringify(head.slice(0, 80))} is no entry`);
    return false;
  }

  #entry([head = nothing, user = nothing, group = nothing, path = nothing, link = nothing]: readonly Buffer[]): ListingRecord {
    const match = headForm.exec(head.toString('latin1'));
    if (match === null) throw garbled('an entry has no beginning');
    const [, letter, kind = '', mode, uid, gid, size, mtime, mtimeFraction, ctime, ctimeFraction, inode, deviceId, links] = match;
    const type = types[kind] ?? 'irregular';
    const sizeBytes = Number(size);
    if (!Number.isSafeInteger(sizeBytes)) throw garbled('a size is too large');
    const device = type === 'dev' || type === 'chardev' ? (this.#device ?? 0n) : 0n;
    this.#device = undefined;
    const entry: ListedEntry = {
      path: pathOf(path),
      type,
      permissions: Number.parseInt(mode as string, 8),
      uid: Number(uid),
      gid: Number(gid),
      user: nameOf(user, uid as string),
      group: nameOf(group, gid as string),
      sizeBytes,
      mtimeNs: BigInt(mtime as string) * 1_000_000_000n + BigInt(mtimeFraction as string),
      ctimeNs: BigInt(ctime as string) * 1_000_000_000n + BigInt(ctimeFraction as string),
      inode: BigInt(inode as string),
      deviceId: BigInt(deviceId as string),
      links: Number(links),
      linkTarget: type === 'symlink' ? link : undefined,
      device,
    };
    return { kind: 'entry', entry, onTheWay: letter === 'w' };
  }
}

/** find writes the number where there is no name. */
function nameOf(name: Buffer, id: string): string {
  const text = name.toString();
  return text === id ? '' : text;
}

/** The path, if it is absolute and clean, as everything below a clean absolute target is. */
export function pathOf(path: Buffer): Buffer {
  const text = path.toString('latin1');
  if (path[0] !== slash || (path.byteLength > 1 && /\/(?:\.{0,2}(?:\/|$))/.test(text))) throw garbled('a path is not absolute and clean');
  return path;
}

function garbled(why: string): Error {
  return sourceIncomplete('The listing of the source', why);
}
