import { createHash } from 'node:crypto';
import type { S3Object } from '@holdfast/connect/s3';
import type { ListedEntry } from '../files/listed-entry.ts';

const nobody = { uid: 0, gid: 0, user: '', group: '', deviceId: 0n, linkTarget: undefined, device: 0n };

/** An object as a file. Its mark stands where files have a number: what has another mark is another file, whatever its time says. */
export function objectEntry(path: Uint8Array, { sizeBytes, modifiedMs, etag }: S3Object): ListedEntry {
  const mtimeNs = timeOf(modifiedMs);
  const times = { mtimeNs, ctimeNs: mtimeNs };
  return { path, type: 'file', permissions: 0o644, ...nobody, sizeBytes, ...times, inode: markNumber(etag), links: 1 };
}

/** A bucket has no directories, and so no times of them. */
export function directoryEntry(path: Uint8Array): ListedEntry {
  return { path, type: 'dir', permissions: 0o755, ...nobody, sizeBytes: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n, links: 1 };
}

export function timeOf(modifiedMs: number): bigint {
  return BigInt(modifiedMs) * 1_000_000n;
}

/** A number for the mark (the ETag) of an object: 63 bits of its hash. */
export function markNumber(etag: string): bigint {
  return createHash('sha256').update(etag).digest().readBigUInt64BE(0) >> 1n;
}
