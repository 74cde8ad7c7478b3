import type { RestorePlan, RunSummary } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { findRun } from './find-run.ts';
import { insertRun } from './insert-run.ts';
import type { RestoreRequest } from './run-request.ts';
import { runSummary } from './run-summary.ts';

export interface StartRestoreInput {
  readonly storedSnapshotId: string;
  readonly paths: readonly string[];
  readonly target: string;
  readonly overwrite: RestorePlan['overwrite'];
  readonly verify: boolean;
  readonly dryRun: boolean;
}

/** Queues a restore of a snapshot, or of a part of it. `not-found`. */
export async function startRestore(context: ControlContext, caller: Caller, input: StartRestoreInput): Promise<RunSummary> {
  const { storedSnapshotId, paths, ...rest } = input;
  const summary = await context.database.transaction(async (tables) => {
    const snapshot = await tables
      .selectFrom('snapshot')
      .innerJoin('storage_server', 'storage_server.id', 'snapshot.storage_server_id')
      .leftJoin('backup', 'backup.id', 'snapshot.backup_id')
      .select([
        'snapshot.snapshot_id',
        'snapshot.storage_server_id',
        'snapshot.backup_id',
        'storage_server.name',
        'backup.name as backup_name',
      ])
      .where('snapshot.id', '=', storedSnapshotId)
      .executeTakeFirst();
    if (snapshot === undefined) {
      throw new CodedError({
        code: 'not-found',
        message: `There is no snapshot ${storedSnapshotId}`,
        hint: 'Retention may have removed it.',
      });
    }
    const request: RestoreRequest = { snapshotId: snapshot.snapshot_id, paths: [...paths], ...rest };
    const id = await insertRun(context, tables, {
      kind: 'restore',
      title: snapshot.backup_name ?? snapshot.name,
      trigger: 'person',
      backupId: snapshot.backup_id,
      storageServerId: snapshot.storage_server_id,
      request,
    });
    await writeAudit(context, tables, caller, {
      verb: 'runs.restore',
      object: `snapshot ${snapshot.snapshot_id}`,
      details: `to ${input.target}`,
    });
    return runSummary(await findRun(tables, String(id)));
  });
  context.changes.publish({ noun: 'run', id: summary.id });
  return summary;
}
