import type { ControlContext } from '../control-context.ts';
import { overdueGraceMs } from '../health/health-of.ts';
import { runNotice } from '../notices/run-notice.ts';
import { writeNotice } from '../notices/write-notice.ts';
import { nowMs } from '../now-ms.ts';
import { findBackupConfig } from '../runs/backup-config-of.ts';

/**
 * Tells people, once for each run, of backups that were due and have not begun: the queue is full, or no worker is there. Returns how many
 * such runs there are.
 */
export async function tellOverdue(context: ControlContext): Promise<number> {
  const now = nowMs(context.clock);
  const { tables } = context.database;
  const rows = await tables
    .selectFrom('run')
    .innerJoin('backup', 'backup.id', 'run.backup_id')
    .selectAll('run')
    .select('backup.version')
    .where('run.state', '=', 'queued')
    .where('run.kind', '=', 'backup')
    .where('run.trigger', 'in', ['schedule', 'catch-up'])
    .where('run.not_before_ms', '<', now - overdueGraceMs)
    .execute();
  for (const { version, ...run } of rows) {
    const config = await findBackupConfig(tables, run.backup_id, version);
    const notice = runNotice({ event: 'overdue', atMs: now, run, config, report: undefined, error: null, reasons: [] });
    await context.database.transaction(async (transaction) => {
      await writeNotice(context, transaction, { ...notice, atMs: run.due_ms }, `overdue ${run.id}`);
    });
  }
  return rows.length;
}
