const unixTypeMask = 0o170000;
const unixTypes = {
  socket: 0o140000,
  symlink: 0o120000,
  block: 0o060000,
  directory: 0o040000,
  character: 0o020000,
  fifo: 0o010000,
  regular: 0o100000,
} as const;

export const goModeBits = {
  directory: 2 ** 31,
  symlink: 1 << 27,
  device: 1 << 26,
  fifo: 1 << 25,
  socket: 1 << 24,
  setuid: 1 << 23,
  setgid: 1 << 22,
  character: 1 << 21,
  sticky: 1 << 20,
  irregular: 1 << 19,
} as const;

/** Go's FileMode of a Unix st_mode, as restic stores it. */
export function goModeFromUnix(mode: number): number {
  let bits = mode & 0o777;
  if (mode & 0o4000) bits += goModeBits.setuid;
  if (mode & 0o2000) bits += goModeBits.setgid;
  if (mode & 0o1000) bits += goModeBits.sticky;
  switch (mode & unixTypeMask) {
    case unixTypes.directory:
      return bits + goModeBits.directory;
    case unixTypes.symlink:
      return bits + goModeBits.symlink;
    case unixTypes.block:
      return bits + goModeBits.device;
    case unixTypes.character:
      return bits + goModeBits.device + goModeBits.character;
    case unixTypes.fifo:
      return bits + goModeBits.fifo;
    case unixTypes.socket:
      return bits + goModeBits.socket;
    case unixTypes.regular:
      return bits;
    default:
      return bits + goModeBits.irregular;
  }
}

/** The permission bits of a Unix st_mode (with setuid, setgid and sticky, without the type) of Go's FileMode. */
export function unixPermissions(goMode: number): number {
  let bits = goMode & 0o777;
  if (goMode & goModeBits.setuid) bits |= 0o4000;
  if (goMode & goModeBits.setgid) bits |= 0o2000;
  if (goMode & goModeBits.sticky) bits |= 0o1000;
  return bits;
}
