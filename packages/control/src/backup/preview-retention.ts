import type { RetentionPolicy, RetentionVerdict } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { applyCap } from '../retention/apply-cap.ts';
import { planRetention } from '../retention/plan-retention.ts';
import { readStorageServer } from '../storage-server/storage-server-view.ts';
import { readBackup } from './backup-view.ts';

export interface PreviewRetentionInput {
  readonly id: string;
  readonly storageServerId: string;
  /** That of the backup if none is given. */
  readonly retention?: RetentionPolicy | undefined;
}

/** What snapshots of a storage server occupy together as they are added one by one, by the repository's ids. */
export type MeasureGrowth = (storageServerId: string, order: readonly string[]) => Promise<readonly number[]>;

/**
 * What a policy would keep now of the snapshots that one storage server holds of a backup, the newest first, and by which rule. Only with
 * `measure` the cap counts: what snapshots occupy is not in the database. `not-found`.
 */
export async function previewRetention(
  context: ControlContext,
  _caller: Caller,
  { id, storageServerId, retention }: PreviewRetentionInput,
  measure?: MeasureGrowth,
): Promise<RetentionVerdict[]> {
  const { tables } = context.database;
  const { config } = await readBackup(context, tables, id);
  await readStorageServer(tables, storageServerId);
  const rows = await tables
    .selectFrom('snapshot')
    .selectAll()
    .where('backup_id', '=', id)
    .where('storage_server_id', '=', storageServerId)
    .orderBy('time_ms', 'desc')
    .orderBy('snapshot_id', 'desc')
    .execute();
  const plan = planRetention({
    policy: retention ?? config.retention,
    snapshots: rows.map((row) => ({
      id: row.snapshot_id,
      timeMs: row.time_ms,
      bytes: row.bytes ?? 0,
      pinned: row.pinned === 1,
      complete: row.complete === 1,
    })),
    nowMs: nowMs(context.clock),
    zone: config.timeZone,
  });
  const { cap } = plan;
  const isMeasured = cap !== null && cap.order.length > 0 && measure !== undefined;
  const { entries } = isMeasured ? applyCap(plan, await measure(storageServerId, cap.order)) : plan;
  const verdicts = new Map(entries.map((entry) => [entry.id, entry]));
  return rows.flatMap(({ id: storedId, snapshot_id, time_ms }) => {
    const entry = verdicts.get(snapshot_id);
    if (entry === undefined) return [];
    const { keep, rule, until } = entry;
    return [{ id: storedId, timeMs: time_ms, keep, rule, untilMs: until === null ? null : Temporal.Instant.from(until).epochMilliseconds }];
  });
}
