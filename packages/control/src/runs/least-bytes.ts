import type { BackupConfig } from '@holdfast/contract';
import type { Tables } from '../database/database.ts';
import type { RunRow } from './run-row.ts';

/** Smaller ones may shrink as they like. */
const smallBytes = 1 << 20;

/**
 * How many bytes of content a run of a backup has to hold for nobody to wonder where the rest went: a share of what the newest run held that
 * succeeded with the same configuration. 0 where there is none, or where any size is right. A change of the configuration begins anew.
 */
export async function leastBytes(tables: Tables, run: RunRow, { shrinkLimitPercent }: BackupConfig): Promise<number> {
  if (shrinkLimitPercent === null) return 0;
  const last = await tables
    .selectFrom('run')
    .select('bytes')
    .where('backup_id', '=', run.backup_id)
    .where('kind', '=', 'backup')
    .where('outcome', '=', 'succeeded')
    .where('config_version', '=', run.config_version)
    .orderBy('ended_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  const bytes = last?.bytes ?? 0;
  return bytes < smallBytes ? 0 : Math.ceil((bytes * (100 - shrinkLimitPercent)) / 100);
}
