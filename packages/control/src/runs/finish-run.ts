import type { RunReport } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { addedBytes } from '../notices/run-notice.ts';
import { nowMs } from '../now-ms.ts';
import { afterRun } from './after-run.ts';
import type { ClaimedRun } from './run-row.ts';
import { Verdict } from './verdict.ts';

export interface RunFindings {
  readonly report: RunReport | undefined;
  /** Snapshots of the run's storage server that are proven not to be there any more, by the repository's ids. */
  readonly gone?: readonly string[];
}

/**
 * Writes the end of a run: outcome, report, the snapshots it left or removed, what follows from it and what people are told, all in one
 * transaction. False, and nothing is written, if the run is not ours any more: another has ended it.
 */
export async function finishRun(context: ControlContext, run: ClaimedRun, verdict: Verdict, findings: RunFindings): Promise<boolean> {
  if (!Verdict.isGenuine(verdict)) throw new CodedError({ code: 'internal', message: `The end of ${run.title} came without a verdict` });
  const { report } = findings;
  const isOurs = await context.database.transaction(async (tables) => {
    const backup = report?.kind === 'backup' ? report : undefined;
    const updated = await tables
      .updateTable('run')
      .set({
        state: 'ended',
        outcome: verdict.outcome,
        ended_ms: nowMs(context.clock),
        lease_until_ms: null,
        progress: null,
        report: report === undefined ? null : JSON.stringify(report),
        reasons: JSON.stringify(verdict.reasons),
        error: verdict.error === null ? null : JSON.stringify(verdict.error),
        files: backup?.files ?? null,
        bytes: backup?.bytes ?? null,
        added_bytes: backup === undefined ? null : addedBytes(backup),
        item_count: report?.itemCount ?? 0,
      })
      .where('id', '=', run.id)
      .where('fence', '=', run.fence)
      .where('state', '=', 'running')
      .returningAll()
      .executeTakeFirst();
    if (updated === undefined) return false;
    await insertSnapshots(context, tables, run, verdict, report);
    await removeSnapshots(tables, run.storage_server_id, findings.gone ?? []);
    const { outcome, error, reasons, snapshots } = verdict;
    await afterRun(context, tables, { run: updated, outcome, error, reasons, report, snapshots });
    return true;
  });
  if (!isOurs) return false;
  context.changes.publish({ noun: 'run', id: run.id });
  if (run.backup_id !== null) context.changes.publish({ noun: 'backup', id: run.backup_id });
  if (run.storage_server_id !== null) context.changes.publish({ noun: 'storage-server', id: run.storage_server_id });
  return true;
}

async function insertSnapshots(
  context: ControlContext,
  tables: Tables,
  run: ClaimedRun,
  verdict: Verdict,
  report: RunReport | undefined,
): Promise<void> {
  if (report?.kind !== 'backup') return;
  for (const { storageServerId, snapshotId, addedBytes: added, complete } of verdict.snapshots) {
    const known = {
      backup_id: run.backup_id,
      run_id: run.id,
      // A worker whose clock is ahead would make a snapshot that outlives others: none is from later than now.
      time_ms: Math.min(report.startMs, nowMs(context.clock)),
      files: report.files,
      bytes: report.bytes,
      added_bytes: added,
      complete: complete ? 1 : 0,
    };
    await tables
      .insertInto('snapshot')
      .values({ id: newId(context), snapshot_id: snapshotId, storage_server_id: storageServerId, ...known, pinned: 0 })
      // Somebody may have looked at the storage server before the run ended, who knew of the snapshot nothing but that it is there.
      .onConflict((conflict) => conflict.columns(['storage_server_id', 'snapshot_id']).doUpdateSet(known))
      .execute();
  }
}

async function removeSnapshots(tables: Tables, storageServerId: string | null, gone: readonly string[]): Promise<void> {
  if (storageServerId === null) return;
  for (let index = 0; index < gone.length; index += 200) {
    await tables
      .deleteFrom('snapshot')
      .where('storage_server_id', '=', storageServerId)
      .where('snapshot_id', 'in', gone.slice(index, index + 200))
      .execute();
  }
}
