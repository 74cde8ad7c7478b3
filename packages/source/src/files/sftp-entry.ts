import type { SftpAttributes, SftpClient } from '@holdfast/connect/ssh';
import { CodedError } from '@holdfast/kernel';
import { entryType, type FileProblem, type ListedEntry } from './listed-entry.ts';
import { sourceIncomplete } from './source-incomplete.ts';

/**
 * What SFTP tells of an entry, in the terms of a listing; where a link leads is asked for. What it does not tell is as a node has it that does not
 * know: no name, no inode, and the time of the last change is that of the content.
 */
export async function sftpEntry(client: SftpClient, path: Uint8Array, attributes: SftpAttributes, deviceId: bigint): Promise<ListedEntry> {
  const { sizeBytes, uid = 0, gid = 0, mode, mtimeSeconds } = attributes;
  if (mode === undefined || mtimeSeconds === undefined) throw sourceIncomplete('A listing by SFTP', 'it has entries without mode or time');
  const type = entryType(mode);
  if (type === 'file' && sizeBytes === undefined) throw sourceIncomplete('A listing by SFTP', 'it has files without a size');
  const mtimeNs = BigInt(mtimeSeconds) * 1_000_000_000n;
  return {
    path,
    type,
    permissions: mode & 0o7777,
    uid,
    gid,
    user: '',
    group: '',
    sizeBytes: sizeBytes ?? 0,
    mtimeNs,
    ctimeNs: mtimeNs,
    inode: 0n,
    deviceId,
    links: 1,
    linkTarget: type === 'symlink' ? await client.readLink(path) : undefined,
    device: 0n,
  };
}

/** A refusal as the problem of a file; every other error is thrown again. */
export function sftpProblem(path: Uint8Array, error: unknown): FileProblem {
  if (!CodedError.is(error) || typeof error.context['status'] !== 'number') throw error;
  const kind = error.code === 'path-not-found' ? 'vanished' : 'unreadable';
  return { path, kind, reason: String(error.context['reason']) };
}
