import type { BackupConfig, Notice, ReportedError, RunOutcome, RunReport } from '@holdfast/contract';
import { StorageStatus } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { runNotice } from '../notices/run-notice.ts';
import { writeNotice } from '../notices/write-notice.ts';
import { nowMs } from '../now-ms.ts';
import { findBackupConfig } from './backup-config-of.ts';
import { insertRun } from './insert-run.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { RunRow } from './run-row.ts';
import type { LeftSnapshot } from './verdict.ts';

export interface EndedRun {
  readonly run: RunRow;
  readonly outcome: RunOutcome;
  readonly error: ReportedError | null;
  readonly reasons: readonly string[];
  readonly report: RunReport | undefined;
  readonly snapshots: readonly LeftSnapshot[];
}

/** All that follows from the end of a run, in the transaction that writes the end: the next try, retention, what people are told. */
export async function afterRun(context: ControlContext, tables: Tables, ended: EndedRun): Promise<void> {
  if (ended.run.kind === 'backup') await afterBackup(context, tables, ended);
  else await afterOther(context, tables, ended);
}

async function afterBackup(context: ControlContext, tables: Tables, ended: EndedRun): Promise<void> {
  const { run, outcome } = ended;
  const config = await findBackupConfig(tables, run.backup_id, run.config_version ?? (await versionInForce(tables, run.backup_id)));
  const backup =
    run.backup_id === null
      ? undefined
      : await tables.selectFrom('backup').select(['id', 'paused', 'failures_in_row']).where('id', '=', run.backup_id).executeTakeFirst();
  if (config === undefined || backup === undefined) return;
  for (const { storageServerId, complete } of ended.snapshots) {
    if (complete) await queueRetention(context, tables, run, storageServerId);
  }
  if (outcome === 'cancelled' || outcome === 'missed') return;
  if (backup.paused === 0 && (await queueRetry(context, tables, ended, config))) return;
  const isGood = outcome === 'succeeded';
  await tables
    .updateTable('backup')
    .set({ failures_in_row: isGood ? 0 : backup.failures_in_row + 1 })
    .where('id', '=', backup.id)
    .execute();
  const event = backupEvent(outcome, backup.failures_in_row, config.notifySuccess);
  if (event !== undefined) await tell(context, tables, ended, event, config);
}

function backupEvent(outcome: RunOutcome, failuresInRow: number, notifySuccess: boolean): Notice['event'] | undefined {
  if (outcome === 'partial') return 'warning';
  if (outcome !== 'succeeded') return 'failed';
  if (failuresInRow > 0) return 'recovered';
  return notifySuccess ? 'succeeded' : undefined;
}

/** Whether there will be another try: people are told once none is left. */
async function queueRetry(context: ControlContext, tables: Tables, ended: EndedRun, config: BackupConfig): Promise<boolean> {
  const { run, outcome, report } = ended;
  const delayMs = retryDelayMs(ended.outcome, ended.error, report, run.attempt, config.retries);
  if (delayMs === undefined) return false;
  const waiting = await tables
    .selectFrom('run')
    .select('id')
    .where('backup_id', '=', run.backup_id)
    .where('kind', '=', 'backup')
    .where('state', '=', 'queued')
    .executeTakeFirst();
  if (waiting !== undefined) return true;
  const notBeforeMs = nowMs(context.clock) + delayMs;
  await insertRun(context, tables, {
    kind: 'backup',
    title: run.title,
    trigger: 'retry',
    backupId: run.backup_id,
    attempt: run.attempt + 1,
    dueMs: run.due_ms,
    notBeforeMs: outcome === 'interrupted' && run.attempt === 1 ? nowMs(context.clock) : notBeforeMs,
  });
  return true;
}

async function queueRetention(context: ControlContext, tables: Tables, run: RunRow, storageServerId: string): Promise<void> {
  const waiting = await tables
    .selectFrom('run')
    .select('id')
    .where('backup_id', '=', run.backup_id)
    .where('storage_server_id', '=', storageServerId)
    .where('kind', '=', 'retention')
    .where('state', '=', 'queued')
    .executeTakeFirst();
  if (waiting !== undefined) return;
  const retention = { kind: 'retention', title: run.title, trigger: 'after-backup', backupId: run.backup_id, storageServerId } as const;
  await insertRun(context, tables, retention);
}

async function afterOther(context: ControlContext, tables: Tables, ended: EndedRun): Promise<void> {
  const { run, outcome, report } = ended;
  if (run.kind === 'check' && outcome === 'succeeded' && report?.kind === 'check' && run.storage_server_id !== null) {
    await proveWhole(tables, run.storage_server_id, nowMs(context.clock), report.packsRead >= report.packs);
  }
  if (outcome === 'cancelled') return;
  const previous = await tables
    .selectFrom('run')
    .select('outcome')
    .where('storage_server_id', '=', run.storage_server_id)
    .where('kind', '=', run.kind)
    .where('backup_id', run.backup_id === null ? 'is' : '=', run.backup_id)
    .where('state', '=', 'ended')
    .where('id', '<', run.id)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const wasBad = previous !== undefined && previous.outcome !== 'succeeded' && previous.outcome !== 'cancelled';
  const isRestore = run.kind === 'restore';
  // A doubt lasts for many runs: it is told when it begins and when it is over.
  if (wasBad && ended.error?.code === 'retention-in-doubt') return;
  if (outcome !== 'succeeded') await tell(context, tables, ended, outcome === 'partial' ? 'warning' : 'failed', undefined);
  else if (wasBad && !isRestore) await tell(context, tables, ended, 'recovered', undefined);
}

async function proveWhole(tables: Tables, storageServerId: string, atMs: number, readAll: boolean): Promise<void> {
  const server = await tables.selectFrom('storage_server').select('status').where('id', '=', storageServerId).executeTakeFirst();
  if (server === undefined) return;
  const status = StorageStatus.parse(JSON.parse(server.status));
  const proven = { ...status, lastCheckedWholeMs: atMs, lastReadDataMs: readAll ? atMs : status.lastReadDataMs };
  await tables
    .updateTable('storage_server')
    .set({ status: JSON.stringify(proven) })
    .where('id', '=', storageServerId)
    .execute();
}

async function tell(
  context: ControlContext,
  tables: Tables,
  { run, report, error, reasons }: EndedRun,
  event: Notice['event'],
  config: BackupConfig | undefined,
): Promise<void> {
  await writeNotice(context, tables, runNotice({ event, atMs: nowMs(context.clock), run, config, report, error, reasons }));
}

async function versionInForce(tables: Tables, backupId: string | null): Promise<number | null> {
  if (backupId === null) return null;
  const row = await tables.selectFrom('backup').select('version').where('id', '=', backupId).executeTakeFirst();
  return row?.version ?? null;
}
