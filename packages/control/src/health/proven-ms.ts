import { StorageStatus } from '@holdfast/contract';
import type { Tables } from '../database/database.ts';

/**
 * When each backup was last shown to be readable: the last check that found its storage server whole, on the one of its storage servers where
 * that is longest ago, or the last restore of it that was verified, if that is later. Backups that never were are not in it.
 */
export async function provenMsByBackup(tables: Tables): Promise<ReadonlyMap<string, number>> {
  const rows = await tables
    .selectFrom('backup_destination')
    .innerJoin('storage_server', 'storage_server.id', 'backup_destination.storage_server_id')
    .select(['backup_destination.backup_id', 'storage_server.status'])
    .execute();
  const checked = new Map<string, number>();
  for (const { backup_id, status } of rows) {
    const wholeMs = StorageStatus.parse(JSON.parse(status)).lastCheckedWholeMs ?? Number.NEGATIVE_INFINITY;
    checked.set(backup_id, Math.min(checked.get(backup_id) ?? Number.POSITIVE_INFINITY, wholeMs));
  }
  const restores = await tables
    .selectFrom('run')
    .select(({ fn }) => ['backup_id', fn.max('ended_ms').as('ended_ms')])
    .where('kind', '=', 'restore')
    .where('outcome', '=', 'succeeded')
    .where('request', 'like', '%"verify":true%')
    .where('request', 'like', '%"dryRun":false%')
    .groupBy('backup_id')
    .execute();
  for (const { backup_id, ended_ms } of restores) {
    if (backup_id !== null) checked.set(backup_id, Math.max(checked.get(backup_id) ?? Number.NEGATIVE_INFINITY, Number(ended_ms)));
  }
  return new Map([...checked].filter(([, ms]) => Number.isFinite(ms)));
}
