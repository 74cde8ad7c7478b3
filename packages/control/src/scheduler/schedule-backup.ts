import type { BackupConfig } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { runNotice } from '../notices/run-notice.ts';
import { writeNotice } from '../notices/write-notice.ts';
import { nowMs } from '../now-ms.ts';
import { insertRun } from '../runs/insert-run.ts';
import { clockToleranceMs } from './clock-watch.ts';
import { type DueFires, dueFires, missedAfterMs } from './due-fires.ts';

export interface ScheduledBackup {
  readonly id: string;
  readonly name: string;
  readonly scheduledUntilMs: number;
  readonly config: BackupConfig;
}

/**
 * Turns what a backup's schedule asks for into one queued run at most, in one transaction together with how far its schedule has been turned
 * into runs: of two schedulers one does it. A run that waits already is the run of this fire too. True if something changed.
 */
export async function scheduleBackup(context: ControlContext, backup: ScheduledBackup): Promise<boolean> {
  const now = nowMs(context.clock);
  const { id, scheduledUntilMs, config } = backup;
  if (scheduledUntilMs > now + clockToleranceMs) {
    // The clock was set back. Fires that come a second time have their run already; from here on the schedule goes on.
    return await context.database.transaction(async (tables) => await advance(tables, backup, now));
  }
  const due = dueFires(config, id, scheduledUntilMs, now);
  if (due === undefined) return false;
  return await context.database.transaction(async (tables) => {
    if (!(await advance(tables, backup, now))) return false;
    await queueFire(context, tables, backup, due);
    if (due.missedCount > 0) await recordMiss(context, tables, backup, due, now);
    return true;
  });
}

async function advance(tables: Tables, { id, scheduledUntilMs }: ScheduledBackup, untilMs: number): Promise<boolean> {
  const row = await tables
    .updateTable('backup')
    .set({ scheduled_until_ms: untilMs })
    .where('id', '=', id)
    .where('paused', '=', 0)
    .where('scheduled_until_ms', '=', scheduledUntilMs)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

async function queueFire(context: ControlContext, tables: Tables, { id, name }: ScheduledBackup, due: DueFires): Promise<void> {
  const now = nowMs(context.clock);
  const isLate = due.fireMs < now - missedAfterMs;
  // What makes up for a miss waits from now on: that nobody was there is told as a miss, not as a queue that does not move.
  const notBeforeMs = isLate ? now : due.dueMs;
  const waiting = await tables
    .selectFrom('run')
    .select(['id', 'not_before_ms', 'missed_count'])
    .where('backup_id', '=', id)
    .where('kind', '=', 'backup')
    .where('state', '=', 'queued')
    .executeTakeFirst();
  if (waiting !== undefined) {
    await tables
      .updateTable('run')
      .set({ not_before_ms: Math.min(waiting.not_before_ms, notBeforeMs), missed_count: waiting.missed_count + due.missedCount })
      .where('id', '=', waiting.id)
      .execute();
    return;
  }
  await insertRun(context, tables, {
    kind: 'backup',
    title: name,
    trigger: isLate ? 'catch-up' : 'schedule',
    backupId: id,
    fireMs: due.fireMs,
    dueMs: due.dueMs,
    notBeforeMs,
    missedCount: due.missedCount,
  });
}

/** A run of its own that nobody ran, so that a miss is seen and counted beside the runs that were. */
async function recordMiss(context: ControlContext, tables: Tables, backup: ScheduledBackup, due: DueFires, now: number): Promise<void> {
  const { id, name, config } = backup;
  const since = new Date(due.firstMissedMs ?? now).toISOString();
  const run = {
    id: newId(context),
    kind: 'backup',
    title: name,
    backup_id: id,
    storage_server_id: null,
    config_version: null,
    trigger: 'schedule',
    request: '{}',
    state: 'ended',
    outcome: 'missed',
    attempt: 1,
    fire_ms: null,
    due_ms: due.firstMissedMs ?? now,
    not_before_ms: due.firstMissedMs ?? now,
    started_ms: null,
    ended_ms: now,
    worker: null,
    lease_until_ms: null,
    fence: 0,
    cancel_requested: 0,
    missed_count: due.missedCount,
    progress: null,
    report: null,
    reasons: JSON.stringify([`It was due ${due.missedCount} times since ${since}, and nobody was there to start it.`]),
    error: null,
    files: null,
    bytes: null,
    added_bytes: null,
    item_count: 0,
  };
  await tables.insertInto('run').values(run).execute();
  await writeNotice(context, tables, runNotice({ event: 'missed', atMs: now, run, config, report: undefined, error: null, reasons: [] }));
}
