/** Access and modification time for the C library: seconds and nanoseconds, seconds and nanoseconds (`struct timespec[2]` on 64 bits). */
export type Times = BigInt64Array;

const nsPerSecond = 1_000_000_000n;

/** Nanoseconds since 1970, which may be negative, as whole seconds before them and 0 to 999 999 999 nanoseconds. */
export function splitNs(ns: bigint): { readonly seconds: bigint; readonly nanoseconds: bigint } {
  let nanoseconds = ns % nsPerSecond;
  if (nanoseconds < 0n) nanoseconds += nsPerSecond;
  return { seconds: (ns - nanoseconds) / nsPerSecond, nanoseconds };
}

export function times(atimeNs: bigint, mtimeNs: bigint): Times {
  const atime = splitNs(atimeNs);
  const mtime = splitNs(mtimeNs);
  return BigInt64Array.of(atime.seconds, atime.nanoseconds, mtime.seconds, mtime.nanoseconds);
}
