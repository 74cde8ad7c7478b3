import type { Host } from '@holdfast/connect/port';
import type { RestoreEntry, SourceDriver, SourceEntry } from '@holdfast/source/port';

/** The bytes in pieces of at most that many bytes. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** All bytes of a stream. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of stream) parts.push(Uint8Array.from(bytes));
  return Buffer.concat(parts);
}

/** A pull whose contents were read to their end, as a snapshot would hold them. */
export async function pullAll(driver: SourceDriver, host: Host): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for await (const entry of driver.pull(host)) contents.set(String(entry.path), await collect(entry.open()));
  return contents;
}

/** The entries of a pull, with nothing read. */
export async function listPull(driver: SourceDriver, host: Host): Promise<SourceEntry[]> {
  return await Array.fromAsync(driver.pull(host));
}

/** Stored contents as the entries of a restore. */
export async function* asEntries(contents: ReadonlyMap<string, Uint8Array>): AsyncGenerator<RestoreEntry> {
  for (const [path, bytes] of contents) {
    const metadata = {
      type: 'file',
      permissions: 0o600,
      uid: 0,
      gid: 0,
      user: '',
      group: '',
      sizeBytes: bytes.byteLength,
      mtimeNs: 0n,
      ctimeNs: 0n,
      inode: 0n,
      deviceId: 0n,
      links: 1,
      linkTarget: undefined,
      device: 0n,
    } as const;
    yield { path, metadata, open: () => inPieces(bytes) };
  }
}
