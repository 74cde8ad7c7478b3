import type { PushPlan, RunSummary } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import { readBackup } from '../backup/backup-view.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { wrongField } from '../refusals.ts';
import { findRun } from './find-run.ts';
import { insertRun } from './insert-run.ts';
import type { PushRequest } from './run-request.ts';
import { runSummary } from './run-summary.ts';
import { storedSnapshot } from './stored-snapshot.ts';

export interface StartPushInput {
  readonly storedSnapshotId: string;
  /** The backup whose source is the server to restore to. None: the one that the snapshot is of. */
  readonly backupId?: string | undefined;
  readonly rename: Readonly<Record<string, string>>;
  readonly existing: PushPlan['existing'];
}

/**
 * Queues a restore of the dumps of a snapshot into the server that a backup reads. `not-found`; `invalid-argument` where the snapshot's backup
 * is gone and no other is named, or where that backup is one of files.
 */
export async function startPush(context: ControlContext, caller: Caller, input: StartPushInput): Promise<RunSummary> {
  const { storedSnapshotId, rename, existing } = input;
  const summary = await context.database.transaction(async (tables) => {
    const snapshot = await storedSnapshot(tables, storedSnapshotId);
    const backupId = input.backupId ?? snapshot.backup_id;
    if (backupId === null)
      throw wrongField('backupId', 'The backup of this snapshot was removed', 'Name a backup of the server to restore to.');
    const { config } = await readBackup(context, tables, backupId);
    if (config.source.driver === 'files' || config.source.driver === 'docker-volume')
      throw wrongField('backupId', `${config.name} is a backup of files`, 'Restore files to a directory instead.');
    const request: PushRequest = { push: true, snapshotId: snapshot.snapshot_id, backupId, rename: { ...rename }, existing };
    const id = await insertRun(context, tables, {
      kind: 'restore',
      title: snapshot.title,
      trigger: 'person',
      backupId: snapshot.backup_id,
      storageServerId: snapshot.storage_server_id,
      request,
    });
    await writeAudit(context, tables, caller, {
      verb: 'runs.push',
      object: `snapshot ${snapshot.snapshot_id}`,
      details: `to the source of ${config.name}, ${existing === 'replace' ? 'replacing what is there' : 'replacing nothing'}`,
    });
    return runSummary(await findRun(tables, String(id)));
  });
  context.changes.publish({ noun: 'run', id: summary.id });
  return summary;
}
