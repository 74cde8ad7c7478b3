const zero = 0x30;

/** Where `text`, which is ASCII, ends if it stands at `at`, else -1; -1 also where `at` is. Text beyond ASCII matches nothing. */
export function matchText(bytes: Uint8Array, at: number, text: string): number {
  if (at < 0) return -1;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return -1;
  return at + text.length;
}

/** Where the digits of `value` end if they stand at `at`, else -1. Only for whole numbers up to 2^53, others match nothing. */
export function matchDecimal(bytes: Uint8Array, at: number, value: number): number {
  if (at < 0 || !Number.isSafeInteger(value) || value < 0) return -1;
  let read = 0;
  let end = at;
  for (;;) {
    const digit = (bytes[end] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    read = read * 10 + digit;
    if (read > value) return -1;
    end += 1;
  }
  // One number has one way to be written: without zeros in front.
  return read === value && end > at && (bytes[at] !== zero || end === at + 1) ? end : -1;
}

/** The same for exactly `count` digits, zeros in front. */
export function matchDigits(bytes: Uint8Array, at: number, value: number, count: number): number {
  if (at < 0) return -1;
  let rest = value;
  for (let i = at + count - 1; i >= at; i--) {
    const digit = rest % 10;
    if (bytes[i] !== zero + digit) return -1;
    rest = (rest - digit) / 10;
  }
  return at + count;
}
