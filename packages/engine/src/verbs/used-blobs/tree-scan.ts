/** What a scan tells; the ID is in `TreeScan.id` during the call. False ends the scan. */
export interface ReferenceVisitor {
  blob(): boolean;
  subtree(): boolean;
}

type ValueKind = 'name' | 'type' | 'number' | 'mode' | 'time' | 'text' | 'content' | 'subtree';

/** The keys that ordinary nodes have, in the order in which they are written. */
const keys: readonly (readonly [string, ValueKind])[] = [
  ['name', 'name'],
  ['type', 'type'],
  ['mode', 'mode'],
  ['mtime', 'time'],
  ['atime', 'time'],
  ['ctime', 'time'],
  ['uid', 'number'],
  ['gid', 'number'],
  ['user', 'text'],
  ['group', 'text'],
  ['inode', 'number'],
  ['device_id', 'number'],
  ['size', 'number'],
  ['links', 'number'],
  ['linktarget', 'text'],
  ['device', 'number'],
  ['content', 'content'],
  ['subtree', 'subtree'],
];
const fields = keys.map(([key, kind]) => ({ key: Buffer.from(`"${key}":`), kind }));
const begin = Buffer.from('{"nodes":[');
const end = Buffer.from('}\n');
const nullWord = Buffer.from('null');
const fileType = Buffer.from('"file"');
const directoryType = Buffer.from('"dir"');
const otherTypes = ['symlink', 'dev', 'chardev', 'fifo', 'socket'].map((type) => Buffer.from(`"${type}"`));
const monthDays = Uint8Array.of(0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
const hexValues = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) hexValues[value.toString(16).charCodeAt(0)] = value;
/** So many digits are always a number that every reader can hold. */
const safeDigits = 15;

const quote = 0x22;
const comma = 0x2c;
const dot = 0x2e;
const slash = 0x2f;
const zero = 0x30;
const nine = 0x39;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Finds the references in a tree blob several times as fast as `decodeTree`, by taking in only trees that look exactly as restic and
 * Holdfast write ordinary ones. Every value is still checked for its form. Whatever is unusual (an escape in a name, attributes, an odd
 * order) is no error here: the scan gives up, and the tree must be read by `decodeTree`, which has the last word on it.
 */
export class TreeScan {
  readonly id = new Uint8Array(32);
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #isFile = false;
  #isDirectory = false;

  /** True when the whole tree was scanned; false when it was not, or the visitor ended it: part of it may have been told by then. */
  scan(bytes: Uint8Array, visitor: ReferenceVisitor): boolean {
    this.#bytes = bytes;
    this.#at = 0;
    if (!this.#take(begin)) return false;
    if (!this.#takeByte(closeBracket)) {
      do if (!this.#node(visitor)) return false;
      while (this.#takeByte(comma));
      if (!this.#takeByte(closeBracket)) return false;
    }
    return this.#take(end) && this.#at === bytes.byteLength;
  }

  #node(visitor: ReferenceVisitor): boolean {
    if (!this.#takeByte(openBrace)) return false;
    this.#isFile = false;
    this.#isDirectory = false;
    let seen = 0;
    let isFirst = true;
    for (let i = 0; i < fields.length; i++) {
      const { key, kind } = fields[i] as (typeof fields)[number];
      const at = this.#at;
      if (!isFirst && !this.#takeByte(comma)) break;
      if (!this.#take(key)) {
        this.#at = at;
        continue;
      }
      isFirst = false;
      seen |= 1 << i;
      if (!this.#value(kind, visitor)) return false;
    }
    return this.#takeByte(closeBrace) && (seen & this.#needed()) === this.#needed();
  }

  /** Bits of the keys that a node of the type must have: name and type; content, also null; a directory's tree. */
  #needed(): number {
    return this.#isDirectory ? 0b11 | (1 << (fields.length - 1)) : 0b11 | (1 << (fields.length - 2));
  }

  #value(kind: ValueKind, visitor: ReferenceVisitor): boolean {
    switch (kind) {
      case 'name':
        return this.#name();
      case 'type':
        return this.#type();
      case 'number':
        return this.#number() >= 0;
      case 'mode': {
        const mode = this.#number();
        return mode >= 0 && mode < 2 ** 32;
      }
      case 'time':
        return this.#time();
      case 'text':
        return this.#text();
      case 'content':
        return this.#content(visitor);
      case 'subtree':
        return this.#isDirectory && this.#hexId() && visitor.subtree();
    }
  }

  #name(): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    if (!this.#text()) return false;
    const length = this.#at - 1 - start;
    if (length === 0 || (bytes[start] === dot && (length === 1 || (length === 2 && bytes[start + 1] === dot)))) return false;
    for (let at = start; at < start + length; at++) if (bytes[at] === slash) return false;
    return true;
  }

  #type(): boolean {
    if (this.#take(fileType)) this.#isFile = true;
    else if (this.#take(directoryType)) this.#isDirectory = true;
    else return otherTypes.some((type) => this.#take(type));
    return true;
  }

  /** A string without escapes. */
  #text(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] !== quote) return false;
    for (at += 1; ; at++) {
      const byte = bytes[at];
      if (byte === undefined || byte < 0x20 || byte === backslash) return false;
      if (byte === quote) break;
    }
    this.#at = at + 1;
    return true;
  }

  /** A whole number of few digits, or -1. */
  #number(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    for (; ; at++) {
      const byte = bytes[at] as number;
      if (!(byte >= zero && byte <= nine)) break;
      value = value * 10 + (byte - zero);
    }
    const digits = at - start;
    if (digits === 0 || digits > safeDigits || (digits > 1 && bytes[start] === zero)) return -1;
    this.#at = at;
    return value;
  }

  /** `"2026-11-23T08:00:00.123456789+01:00"`, fraction optional, or `Z`. */
  #time(): boolean {
    if (!this.#takeByte(quote)) return false;
    const year = this.#digits(4);
    if (year < 0 || !this.#takeByte(0x2d)) return false;
    const month = this.#digits(2);
    if (month < 1 || month > 12 || !this.#takeByte(0x2d)) return false;
    const day = this.#digits(2);
    if (day < 1 || day > (monthDays[month] as number) || (month === 2 && day === 29 && !isLeap(year))) return false;
    if (!this.#takeByte(0x54) || !this.#clock() || !this.#takeByte(0x3a)) return false;
    const second = this.#digits(2);
    if (second < 0 || second > 59) return false;
    if (this.#takeByte(dot)) {
      let count = 0;
      while (this.#digits(1) >= 0) count += 1;
      if (count === 0 || count > 9) return false;
    }
    if (!this.#takeByte(0x5a) && !((this.#takeByte(0x2b) || this.#takeByte(0x2d)) && this.#clock())) return false;
    return this.#takeByte(quote);
  }

  /** `23:59`. */
  #clock(): boolean {
    const hour = this.#digits(2);
    if (hour < 0 || hour > 23 || !this.#takeByte(0x3a)) return false;
    const minute = this.#digits(2);
    return minute >= 0 && minute <= 59;
  }

  /** The number that exactly so many digits give, or -1. */
  #digits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#at + i] as number;
      if (!(byte >= zero && byte <= nine)) return -1;
      value = value * 10 + (byte - zero);
    }
    this.#at += count;
    return value;
  }

  /** Of a file a list of IDs, else null. */
  #content(visitor: ReferenceVisitor): boolean {
    if (!this.#isFile) return this.#take(nullWord);
    if (!this.#takeByte(openBracket)) return false;
    if (this.#takeByte(closeBracket)) return true;
    do if (!this.#hexId() || !visitor.blob()) return false;
    while (this.#takeByte(comma));
    return this.#takeByte(closeBracket);
  }

  #hexId(): boolean {
    const bytes = this.#bytes;
    const { id } = this;
    const start = this.#at + 1;
    if (bytes[this.#at] !== quote || bytes[start + 64] !== quote) return false;
    let wrong = 0;
    for (let i = 0; i < 32; i++) {
      const high = hexValues[bytes[start + 2 * i] as number] as number;
      const low = hexValues[bytes[start + 2 * i + 1] as number] as number;
      wrong |= high | low;
      id[i] = (high << 4) | low;
    }
    this.#at = start + 65;
    return wrong >= 0;
  }

  #take(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
    this.#at = at + expected.length;
    return true;
  }

  #takeByte(expected: number): boolean {
    if (this.#bytes[this.#at] !== expected) return false;
    this.#at += 1;
    return true;
  }
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
