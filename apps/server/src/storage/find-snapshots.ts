import type { RepositoryAccess } from '@holdfast/contract';
import { type AdoptSnapshotsInput, type Caller, control, nowMs } from '@holdfast/control';
import type { Services } from '../http/services.ts';

/** What it takes of the server. */
type Looking = Pick<Services, 'control' | 'vaults' | 'clock'>;

/** All snapshots that a repository holds now, for `control.snapshots.adopt`. */
export async function findSnapshots(
  services: Looking,
  access: RepositoryAccess,
  signal: AbortSignal,
): Promise<Omit<AdoptSnapshotsInput, 'storageServerId'>> {
  const listedMs = nowMs(services.clock);
  const found = await (await services.vaults.reader()).snapshots(access, signal);
  return {
    listedMs,
    snapshots: found.map(({ id, timeNs, tags, summary }) => ({
      snapshotId: id,
      timeMs: Number(timeNs / 1_000_000n),
      tags,
      files: summary?.totalFilesProcessed ?? null,
      bytes: summary?.totalBytesProcessed ?? null,
      addedBytes: summary?.dataAdded ?? null,
    })),
  };
}

/** Brings the record of snapshots level with what the repository holds: another program may have been at work there. */
export async function adoptFoundSnapshots(services: Looking, caller: Caller, access: RepositoryAccess, signal: AbortSignal): Promise<void> {
  const found = await findSnapshots(services, access, signal);
  await control.snapshots.adopt(services.control, caller, { storageServerId: access.storageServerId, ...found });
}
