import type { RunSummary } from '@holdfast/contract';
import type { Tables } from '../database/database.ts';
import type { VersionCache } from '../database/version-cache.ts';
import { runSummary, summaryColumns } from '../runs/run-summary.ts';

const atOnce = 50;

export interface NewestRuns {
  readonly last: RunSummary;
  /** The newest that was not cancelled or missed: those say nothing about whether a backup works. Undefined if there is none. */
  readonly telling: RunSummary | undefined;
}

interface LastRun {
  readonly id: string;
  /** The id of its newest run of a backup. */
  readonly last_run_id: string | null;
}

/** The newest runs of each backup that has any, by the backup's id. */
export async function readNewestRuns(
  memory: VersionCache,
  tables: Tables,
  backups: readonly LastRun[],
): Promise<ReadonlyMap<string, NewestRuns>> {
  const last = await readRuns(memory, tables, 'last run', backups);
  const silent = backups.filter(({ id }) => isSilent(last.get(id)));
  const telling = await readRuns(memory, tables, 'telling run', await findTellingRuns(tables, silent));
  return new Map([...last].map(([id, run]) => [id, { last: run, telling: isSilent(run) ? telling.get(id) : run }]));
}

function isSilent(run: RunSummary | undefined): boolean {
  return run?.outcome === 'cancelled' || run?.outcome === 'missed';
}

async function findTellingRuns(tables: Tables, backups: readonly LastRun[]): Promise<readonly LastRun[]> {
  const found: LastRun[] = [];
  for (let index = 0; index < backups.length; index += atOnce) {
    const ids = backups.slice(index, index + atOnce).map(({ id }) => id);
    const rows = await tables
      .selectFrom('backup')
      .select('backup.id')
      .select((eb) =>
        eb
          .selectFrom('run')
          .select('run.id')
          .whereRef('run.backup_id', '=', 'backup.id')
          .where('run.kind', '=', 'backup')
          .where((e) => e.or([e('run.outcome', 'is', null), e('run.outcome', 'not in', ['cancelled', 'missed'])]))
          .orderBy('run.id', 'desc')
          .limit(1)
          .as('last_run_id'),
      )
      .where('backup.id', 'in', ids)
      .execute();
    found.push(...rows);
  }
  return found;
}

/** Runs by the backup's id. One that ended does not change any more, so that it is read once. */
async function readRuns(
  memory: VersionCache,
  tables: Tables,
  what: string,
  backups: readonly LastRun[],
): Promise<ReadonlyMap<string, RunSummary>> {
  const runs = new Map<string, RunSummary>();
  const unknown = new Map<string, string>();
  for (const { id, last_run_id } of backups) {
    if (last_run_id === null) continue;
    const known = memory.get<RunSummary>(`${what} ${id}`);
    if (known?.id === last_run_id) runs.set(id, known);
    else unknown.set(last_run_id, id);
  }
  const runIds = [...unknown.keys()];
  for (let index = 0; index < runIds.length; index += atOnce) {
    const some = runIds.slice(index, index + atOnce);
    const rows = await tables.selectFrom('run').select(summaryColumns).where('id', 'in', some).execute();
    for (const row of rows) {
      const backupId = unknown.get(row.id);
      // Of a backup that was removed in between there is nothing to show.
      if (backupId === undefined || row.backup_id === null) continue;
      const summary = runSummary(row);
      runs.set(backupId, summary);
      if (summary.state === 'ended') memory.set(`${what} ${backupId}`, summary);
    }
  }
  return runs;
}
