import type { RestorePlan, RunSummary } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import { requireConnections } from '../backup/check-config.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { findRun } from './find-run.ts';
import { insertRun } from './insert-run.ts';
import type { RestoreRequest } from './run-request.ts';
import { runSummary } from './run-summary.ts';
import { storedSnapshot } from './stored-snapshot.ts';

export interface StartRestoreInput {
  readonly storedSnapshotId: string;
  readonly paths: readonly string[];
  /** Connections that lead to the target; none: it is on the Holdfast machine. */
  readonly chain: readonly string[];
  readonly target: string;
  readonly overwrite: RestorePlan['overwrite'];
  readonly verify: boolean;
  readonly dryRun: boolean;
}

/** Queues a restore of a snapshot, or of a part of it. `not-found`. */
export async function startRestore(context: ControlContext, caller: Caller, input: StartRestoreInput): Promise<RunSummary> {
  const { storedSnapshotId, paths, chain, ...rest } = input;
  const summary = await context.database.transaction(async (tables) => {
    await requireConnections(tables, chain, 'chain');
    const snapshot = await storedSnapshot(tables, storedSnapshotId);
    const request: RestoreRequest = { snapshotId: snapshot.snapshot_id, paths: [...paths], chain: [...chain], ...rest };
    const id = await insertRun(context, tables, {
      kind: 'restore',
      title: snapshot.title,
      trigger: 'person',
      backupId: snapshot.backup_id,
      storageServerId: snapshot.storage_server_id,
      request,
    });
    await writeAudit(context, tables, caller, {
      verb: 'runs.restore',
      object: `snapshot ${snapshot.snapshot_id}`,
      details: `to ${input.target}${chain.length === 0 ? '' : ' through a chain'}`,
    });
    return runSummary(await findRun(tables, String(id)));
  });
  context.changes.publish({ noun: 'run', id: summary.id });
  return summary;
}
