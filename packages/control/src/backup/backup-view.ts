import { type Backup, type RunSummary, StorageStatus } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Database, Tables } from '../database/database.ts';
import { healthOf } from '../health/health-of.ts';
import { nowMs } from '../now-ms.ts';
import { notFound } from '../refusals.ts';
import { runSummary, summaryColumns } from '../runs/run-summary.ts';
import { BackupDefinition } from './backup-definition.ts';

/** Backups as the API shows them, by name; all, or that one. At most five queries, however many there are. */
export async function readBackups({ database, clock }: ControlContext, tables: Tables, id?: string): Promise<Backup[]> {
  const rows = await readRows(tables, id);
  const lastRuns = await readLastRuns(tables, id, false);
  // What was cancelled or missed says nothing about whether it works: then the run before it counts.
  const isTelling = [...lastRuns.values()].every(({ outcome }) => outcome !== 'cancelled' && outcome !== 'missed');
  const tellingRuns = isTelling ? lastRuns : await readLastRuns(tables, id, true);
  const servers = await readProvenServers(tables);
  const now = nowMs(clock);
  return rows.map((row) => toBackup(database, row, { lastRun: lastRuns.get(row.id), tellingRun: tellingRuns.get(row.id) }, servers, now));
}

/** `not-found` if there is none. */
export async function readBackup(context: ControlContext, tables: Tables, id: string): Promise<Backup> {
  const [backup] = await readBackups(context, tables, id);
  if (backup === undefined) throw notFound('backup', id);
  return backup;
}

type Row = Awaited<ReturnType<typeof readRows>>[number];

async function readRows(tables: Tables, id: string | undefined) {
  let query = tables
    .selectFrom('backup')
    .innerJoin('backup_version', (join) =>
      join.onRef('backup_version.backup_id', '=', 'backup.id').onRef('backup_version.version', '=', 'backup.version'),
    )
    .select([
      'backup.id',
      'backup.version',
      'backup.paused',
      'backup.created_ms',
      'backup.failures_in_row',
      'backup_version.config',
      'backup_version.changed_ms',
    ])
    .select((eb) => {
      const lastEnd = (kind: string) =>
        eb
          .selectFrom('run')
          .select(({ fn }) => fn.max('run.ended_ms').as('last_ms'))
          .whereRef('run.backup_id', '=', 'backup.id')
          .where('run.kind', '=', kind)
          .where('run.outcome', '=', 'succeeded');
      return [lastEnd('backup').as('last_success_ms'), lastEnd('restore').as('last_restore_ms')];
    })
    .select((eb) =>
      eb
        .selectFrom('snapshot')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('snapshot.backup_id', '=', 'backup.id')
        .as('snapshots'),
    )
    .orderBy('backup.name');
  if (id !== undefined) query = query.where('backup.id', '=', id);
  return await query.execute();
}

/** The newest run of each backup; with `telling` the newest that was not cancelled or missed. */
async function readLastRuns(tables: Tables, id: string | undefined, telling: boolean): Promise<ReadonlyMap<string, RunSummary>> {
  let query = tables
    .selectFrom('backup')
    .innerJoin('run', (join) =>
      join.on('run.id', '=', (eb) =>
        eb
          .selectFrom('run as newest')
          .select('newest.id')
          .whereRef('newest.backup_id', '=', 'backup.id')
          .where('newest.kind', '=', 'backup')
          .$if(telling, (query) =>
            query.where((e) => e.or([e('newest.outcome', 'is', null), e('newest.outcome', 'not in', ['cancelled', 'missed'])])),
          )
          .orderBy('newest.id', 'desc')
          .limit(1),
      ),
    )
    .select(summaryColumns.map((column) => `run.${column}` as const));
  if (id !== undefined) query = query.where('backup.id', '=', id);
  const rows = await query.execute();
  return new Map(rows.map((row) => [String(row.backup_id), runSummary(row)]));
}

/** When each storage server was last proven whole. */
async function readProvenServers(tables: Tables): Promise<ReadonlyMap<string, number | null>> {
  const rows = await tables.selectFrom('storage_server').select(['id', 'status']).execute();
  return new Map(rows.map(({ id, status }) => [id, StorageStatus.parse(JSON.parse(status)).lastCheckedWholeMs]));
}

interface NewestRuns {
  readonly lastRun: RunSummary | undefined;
  readonly tellingRun: RunSummary | undefined;
}

function toBackup(
  database: Database,
  row: Row,
  { lastRun, tellingRun }: NewestRuns,
  servers: ReadonlyMap<string, number | null>,
  now: number,
): Backup {
  const definition = BackupDefinition.of(database, row);
  const { config } = definition;
  const paused = row.paused === 1;
  const lastSuccessMs = row.last_success_ms;
  const checksMs = config.storageServerIds.map((id) => servers.get(id) ?? null);
  const state = healthOf({
    backupId: row.id,
    config,
    paused,
    createdMs: row.created_ms,
    changedMs: row.changed_ms,
    nowMs: now,
    lastRun: tellingRun ?? null,
    lastSuccessMs,
    provenMs: provenMs(checksMs, row.last_restore_ms),
    failuresInRow: row.failures_in_row,
    dueAfter: (sinceMs) => definition.dueMs(sinceMs),
  });
  return {
    id: row.id,
    version: row.version,
    config,
    paused,
    createdMs: row.created_ms,
    health: state.health,
    healthReason: state.reason,
    nextRunMs: paused ? null : definition.nextRunMs(now),
    lastRun: lastRun ?? null,
    lastSuccessMs,
    snapshots: row.snapshots ?? 0,
  };
}

/** A check proves what it read: the least recent of all storage servers counts. A restore proves more, of one of them. */
function provenMs(checks: readonly (number | null)[], restoreMs: number | null): number | null {
  const checkMs = checks.includes(null) ? null : Math.min(...checks.map(Number));
  return checkMs === null || restoreMs === null ? (checkMs ?? restoreMs) : Math.max(checkMs, restoreMs);
}
