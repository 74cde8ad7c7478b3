/** Bytes with one NUL, at their end, as the C library wants names. */
export type CString = Uint8Array;

/** A copy of the bytes with the closing NUL. A NUL inside would cut the name short and is refused. */
export function cString(bytes: Uint8Array): CString {
  const text = new Uint8Array(bytes.byteLength + 1);
  text.set(bytes);
  return mustBeCString(text);
}

/** Refuses what would be read past its end or cut short. */
export function mustBeCString(text: CString): CString {
  if (text.indexOf(0) !== text.byteLength - 1) throw new RangeError('a name for the C library must end in its only NUL');
  return text;
}
