import type { CallOptions } from '@holdfast/connect/port';
import type { EntryMetadata, SourceEntry } from './port.ts';

/** The metadata of a dump: a file of nobody, readable by its owner only, made at the time of the pull. */
export function dumpMetadata(nowNs: bigint, sizeBytes?: number): EntryMetadata {
  return {
    type: 'file',
    permissions: 0o600,
    uid: 0,
    gid: 0,
    user: '',
    group: '',
    sizeBytes,
    mtimeNs: nowNs,
    ctimeNs: nowNs,
    inode: 0n,
    deviceId: 0n,
    links: 1,
    linkTarget: undefined,
    device: 0n,
  };
}

/** An entry whose content is a dump that is made when it is read. */
export function dumpEntry(path: string, nowNs: bigint, open: (options?: CallOptions) => AsyncIterable<Uint8Array>): SourceEntry {
  return { path, metadata: dumpMetadata(nowNs), open };
}

/** An entry whose content is known already. */
export function textEntry(path: string, nowNs: bigint, text: string): SourceEntry {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    metadata: dumpMetadata(nowNs, bytes.byteLength),
    async *open() {
      yield bytes;
    },
  };
}

/** The whole content as text, for entries that are small; more than the limit is an Error of the reader's choice. */
export async function readText(entry: SourceEntry, limitBytes: number, tooLong: () => Error, options?: CallOptions): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of entry.open(options)) {
    size += bytes.byteLength;
    if (size > limitBytes) throw tooLong();
    parts.push(bytes);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
}

/** The path as text, or undefined where it is not UTF-8. */
export function entryPath(entry: SourceEntry): string | undefined {
  if (typeof entry.path === 'string') return entry.path;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry.path);
  } catch {
    return undefined;
  }
}
