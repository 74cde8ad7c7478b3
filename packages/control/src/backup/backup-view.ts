import { type Backup, StorageStatus } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { VersionCache } from '../database/version-cache.ts';
import { healthOf } from '../health/health-of.ts';
import { nowMs } from '../now-ms.ts';
import { notFound } from '../refusals.ts';
import type { BackupDefinition } from './backup-definition.ts';
import { readDefinitions } from './read-definitions.ts';
import { type NewestRuns, readNewestRuns } from './read-newest-runs.ts';

/**
 * Backups as the API shows them, by name; all, or that one. What never changes is read once: the rest takes few queries, however many there
 * are. As long as nothing in the database changes, only what the time changes is worked out again.
 */
export async function readBackups({ database, clock }: ControlContext, tables: Tables, id?: string): Promise<Backup[]> {
  // What a transaction sees may be undone: it remembers nothing.
  const isOutside = tables === database.tables;
  const read = async (): Promise<KnownBackup[]> => await readKnown(isOutside ? database.versions : new VersionCache(), tables, id);
  const known = isOutside && id === undefined ? await database.reads.read('backups', read) : await read();
  const now = nowMs(clock);
  return known.map((backup) => toBackup(backup, now));
}

/** `not-found` if there is none. */
export async function readBackup(context: ControlContext, tables: Tables, id: string): Promise<Backup> {
  const [backup] = await readBackups(context, tables, id);
  if (backup === undefined) throw notFound('backup', id);
  return backup;
}

type Row = Awaited<ReturnType<typeof readRows>>[number];

/** All that is recorded of a backup: what it is shown as depends on the time besides. */
interface KnownBackup {
  readonly row: Row;
  readonly definition: BackupDefinition;
  readonly runs: NewestRuns | undefined;
  readonly provenMs: number | null;
}

async function readKnown(memory: VersionCache, tables: Tables, id: string | undefined): Promise<KnownBackup[]> {
  const rows = await readRows(tables, id);
  const definitions = await readDefinitions(memory, tables, rows);
  const runs = await readNewestRuns(memory, tables, rows);
  const servers = await readProvenServers(tables);
  return rows.flatMap((row) => {
    const definition = definitions.get(row.id);
    if (definition === undefined) return [];
    const checksMs = definition.config.storageServerIds.map((server) => servers.get(server) ?? null);
    return [{ row, definition, runs: runs.get(row.id), provenMs: newestProofMs(checksMs, row.last_restore_ms) }];
  });
}

/** One row for each backup. Whatever is asked of its runs and snapshots is answered by an index alone. */
async function readRows(tables: Tables, id: string | undefined) {
  let query = tables
    .selectFrom('backup')
    .select(['backup.id', 'backup.version', 'backup.paused', 'backup.created_ms', 'backup.failures_in_row', 'backup.source_password'])
    .select((eb) => {
      const runs = eb.selectFrom('run').whereRef('run.backup_id', '=', 'backup.id');
      const successes = runs.select(({ fn }) => fn.max('run.ended_ms').as('ended_ms')).where('run.outcome', '=', 'succeeded');
      return [
        runs
          .select(({ fn }) => fn.max('run.id').as('id'))
          .where('run.kind', '=', 'backup')
          .as('last_run_id'),
        successes.where('run.kind', '=', 'backup').as('last_success_ms'),
        // Only a restore that was read back shows that a backup can be read.
        successes
          .where('run.kind', '=', 'restore')
          .where('run.request', 'like', '%"verify":true%')
          .where('run.request', 'like', '%"dryRun":false%')
          .as('last_restore_ms'),
        eb
          .selectFrom('snapshot')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .whereRef('snapshot.backup_id', '=', 'backup.id')
          .as('snapshots'),
      ];
    })
    .orderBy('backup.name');
  if (id !== undefined) query = query.where('backup.id', '=', id);
  return await query.execute();
}

/** When each storage server was last proven whole. */
async function readProvenServers(tables: Tables): Promise<ReadonlyMap<string, number | null>> {
  const rows = await tables.selectFrom('storage_server').select(['id', 'status']).execute();
  return new Map(rows.map(({ id, status }) => [id, StorageStatus.parse(JSON.parse(status)).lastCheckedWholeMs]));
}

function toBackup({ row, definition, runs, provenMs }: KnownBackup, now: number): Backup {
  const { config, version, changedMs } = definition;
  const paused = row.paused === 1;
  const lastSuccessMs = row.last_success_ms;
  const state = healthOf({
    backupId: row.id,
    config,
    paused,
    createdMs: row.created_ms,
    changedMs,
    nowMs: now,
    lastRun: runs?.telling ?? null,
    lastSuccessMs,
    provenMs,
    failuresInRow: row.failures_in_row,
    dueAfter: (sinceMs) => definition.dueMs(sinceMs),
  });
  return {
    id: row.id,
    version,
    config,
    hasSourcePassword: row.source_password !== null,
    paused,
    createdMs: row.created_ms,
    health: state.health,
    healthReason: state.reason,
    nextRunMs: paused ? null : definition.nextRunMs(now),
    lastRun: runs?.last ?? null,
    lastSuccessMs,
    snapshots: row.snapshots ?? 0,
  };
}

/** A check proves what it read: the least recent of all storage servers counts. A restore proves more, of one of them. */
function newestProofMs(checks: readonly (number | null)[], restoreMs: number | null): number | null {
  const checkMs = checks.includes(null) ? null : Math.min(...checks.map(Number));
  return checkMs === null || restoreMs === null ? (checkMs ?? restoreMs) : Math.max(checkMs, restoreMs);
}
