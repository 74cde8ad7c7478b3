import { CodedError } from '@holdfast/kernel';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const maxDepth = 64;
/** Values of the lower-case hexadecimal digits by their bytes, -1 for all others. */
const hexValues = Int8Array.from({ length: 256 }, (_, byte) => '0123456789abcdef'.indexOf(String.fromCharCode(byte)));

/**
 * A cursor over JSON bytes that reads one value after another without ever holding more than that value as text: trees can be larger than
 * the longest string. Numbers are handed out as text, so that 64-bit integers keep all their digits. Everything that is no JSON is
 * `format-invalid`.
 */
export class JsonScanner {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get position(): number {
    return this.#at;
  }

  set position(at: number) {
    this.#at = at;
  }

  /** Takes exactly these bytes if they come next, without regard to white space. */
  literal(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < expected.byteLength; i++) if (bytes[at + i] !== expected[i]) return false;
    this.#at = at + expected.byteLength;
    return true;
  }

  /** Takes as many lower-case hexadecimal digits as fill `out`; false if there are not as many. */
  hexDigits(out: Uint8Array): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < out.byteLength; i++) {
      const value = ((hexValues[bytes[at] as number] as number) << 4) | (hexValues[bytes[at + 1] as number] as number);
      if (!(value >= 0)) return false;
      out[i] = value;
      at += 2;
    }
    this.#at = at;
    return true;
  }

  /** Takes a whole number of up to 15 digits without a leading zero; -1 if there is none. */
  smallInteger(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    for (;;) {
      const digit = (bytes[at] as number) - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at += 1;
    }
    const length = at - start;
    if (length === 0 || length > 15 || (length > 1 && bytes[start] === 0x30)) return -1;
    this.#at = at;
    return value;
  }

  /** Goes past white space and returns the byte there, -1 at the end. */
  peek(): number {
    const bytes = this.#bytes;
    for (;;) {
      const byte = bytes[this.#at];
      if (byte === undefined) return -1;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.#at += 1;
    }
  }

  expect(char: string): void {
    if (this.peek() !== char.charCodeAt(0)) throw this.invalid(`${char} expected`);
    this.#at += 1;
  }

  /** Whether `char` comes next; if so it is taken. */
  take(char: string): boolean {
    if (this.peek() !== char.charCodeAt(0)) return false;
    this.#at += 1;
    return true;
  }

  /** Calls `visit` with each key of the object that comes next; it must read or skip the value. */
  object(visit: (key: string) => void): void {
    this.expect('{');
    if (this.take('}')) return;
    do {
      const key = this.string();
      if (this.peek() !== colon) throw this.invalid(': expected');
      this.#at += 1;
      visit(key);
    } while (this.#more('}'));
  }

  /** Calls `visit` before each element of the array that comes next, and returns false for null. */
  array(visit: () => void): boolean {
    if (this.null()) return false;
    this.expect('[');
    if (this.take(']')) return true;
    do visit();
    while (this.#more(']'));
    return true;
  }

  /** Takes `null` if it comes next. */
  null(): boolean {
    if (this.peek() !== 0x6e) return false;
    this.#literal('null');
    return true;
  }

  boolean(): boolean {
    if (this.peek() === 0x74) {
      this.#literal('true');
      return true;
    }
    this.#literal('false');
    return false;
  }

  /** A whole number, not negative, of up to 20 digits, as text. */
  integerText(): string {
    this.peek();
    let at = this.#at;
    const bytes = this.#bytes;
    while ((bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at += 1;
    const length = at - this.#at;
    if (length === 0 || length > 20 || (length > 1 && bytes[this.#at] === 0x30)) throw this.invalid('a whole number expected');
    const following = bytes[at];
    if (following === 0x2e || following === 0x65 || following === 0x45) throw this.invalid('a whole number expected');
    const text = bytes.toString('latin1', this.#at, at);
    this.#at = at;
    return text;
  }

  /** A whole number up to 2^53 − 1. */
  integer(): number {
    const value = Number(this.integerText());
    if (!Number.isSafeInteger(value)) throw this.invalid('a number is too large');
    return value;
  }

  /** A whole number that fits 64 bits. */
  bigint(): bigint {
    const value = BigInt(this.integerText());
    if (value >= 2n ** 64n) throw this.invalid('a number is too large');
    return value;
  }

  string(): string {
    if (this.peek() !== quote) throw this.invalid('a string expected');
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let at = start;
    let isAscii = true;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw this.invalid('the data end inside a string');
      if (byte === quote) break;
      if (byte === backslash) return this.#escapedString(start, at);
      if (byte < 0x20) throw this.invalid('a control character in a string');
      if (byte >= 0x80) isAscii = false;
      at += 1;
    }
    this.#at = at + 1;
    return isAscii ? bytes.toString('latin1', start, at) : bytes.toString('utf8', start, at);
  }

  /** Reads a string of exactly as many lower-case hexadecimal digits as fill `out`; false if it is none. */
  hexString(out: Uint8Array): boolean {
    if (this.peek() !== quote) return false;
    this.#at += 1;
    if (!this.hexDigits(out) || this.#bytes[this.#at] !== quote) return false;
    this.#at += 1;
    return true;
  }

  /** Goes past the value that comes next and returns its bytes. */
  skip(): Uint8Array {
    this.peek();
    const start = this.#at;
    this.#skipValue(0);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Nothing but white space may be left. */
  end(): void {
    if (this.peek() !== -1) throw this.invalid('there is something after the end');
  }

  invalid(why: string): CodedError {
    return new CodedError({
      code: 'format-invalid',
      message: `A ${this.#what} cannot be decoded: ${why} at byte ${this.#at}`,
      hint: 'It was written by a faulty program, or is of a format that Holdfast does not know.',
    });
  }

  #more(close: string): boolean {
    if (this.peek() === comma) {
      this.#at += 1;
      return true;
    }
    this.expect(close);
    return false;
  }

  #literal(text: string): void {
    if (this.#bytes.toString('latin1', this.#at, this.#at + text.length) !== text) throw this.invalid(`${text} expected`);
    this.#at += text.length;
  }

  /** Escapes are rare: the string is found whole and handed to JSON.parse. */
  #escapedString(start: number, firstEscape: number): string {
    const bytes = this.#bytes;
    let at = firstEscape;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw this.invalid('the data end inside a string');
      if (byte === quote) break;
      at += byte === backslash ? 2 : 1;
    }
    try {
      const text = JSON.parse(bytes.toString('utf8', start - 1, at + 1)) as string;
      this.#at = at + 1;
      return text;
    } catch (cause) {
      throw cause instanceof SyntaxError ? this.invalid('a string with a wrong escape') : cause;
    }
  }

  #skipValue(depth: number): void {
    if (depth > maxDepth) throw this.invalid('values are nested too deeply');
    const byte = this.peek();
    if (byte === 0x7b) {
      this.object(() => this.#skipValue(depth + 1));
    } else if (byte === 0x5b) {
      this.array(() => this.#skipValue(depth + 1));
    } else if (byte === quote) {
      this.string();
    } else if (byte === 0x74 || byte === 0x66) {
      this.boolean();
    } else if (byte === 0x6e) {
      this.#literal('null');
    } else {
      this.#skipNumber();
    }
  }

  #skipNumber(): void {
    const rest = this.#bytes.toString('latin1', this.#at, this.#at + 64);
    const match = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest);
    if (match === null) throw this.invalid('a value expected');
    this.#at += match[0].length;
  }
}
