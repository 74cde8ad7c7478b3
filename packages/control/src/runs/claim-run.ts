import type { Transaction } from 'kysely';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { nowMs } from '../now-ms.ts';
import { type BusyRun, chooseRun, type RunLimits, type WaitingRun } from './choose-run.ts';
import { BackupRequest } from './run-request.ts';
import type { ClaimedRun } from './run-row.ts';

export interface Worker {
  /** The machine: `perHost` counts what runs on it. */
  readonly host: string;
  /** Tells its processes apart; another one after each start. */
  readonly name: string;
}

export interface ClaimOptions {
  readonly limits: RunLimits;
  readonly leaseMs: number;
}

const pageSize = 200;

/** The worker as the database names it. */
export function workerText({ host, name }: Worker): string {
  return `${host}/${name}`;
}

/**
 * Takes the run that has waited longest and may start now, for this worker: in one transaction, so that no run is taken twice and the limits
 * hold over all workers. Undefined if there is none. A run whose backup is gone is taken too, so that it can be ended.
 */
export async function claimRun(context: ControlContext, worker: Worker, options: ClaimOptions): Promise<ClaimedRun | undefined> {
  return await context.database.transaction(async (tables) => {
    const now = nowMs(context.clock);
    const running = await runningRuns(tables);
    if (running.filter((run) => run.worker?.startsWith(`${worker.host}/`)).length >= options.limits.perHost) return undefined;
    const choice = await firstStartable(tables, running, options.limits.perStorageServer, now);
    return choice && (await take(tables, choice, workerText(worker), now, options.leaseMs));
  });
}

async function runningRuns(tables: Tables): Promise<(BusyRun & { worker: string | null })[]> {
  const rows = await tables
    .selectFrom('run')
    .select(['kind', 'backup_id', 'storage_server_id', 'worker', 'request'])
    .where('state', '=', 'running')
    .execute();
  return rows.map(({ kind, backup_id, storage_server_id, worker, request }) => ({
    kind,
    backupId: backup_id,
    worker,
    storageServerIds:
      kind === 'backup' ? BackupRequest.parse(JSON.parse(request)).storageServerIds : storage_server_id === null ? [] : [storage_server_id],
  }));
}

async function firstStartable(
  tables: Tables,
  running: readonly BusyRun[],
  perStorageServer: number,
  now: number,
): Promise<WaitingRun | undefined> {
  const seen: WaitingRun[] = [];
  for (;;) {
    const page = await waitingRuns(tables, now, seen.at(-1));
    seen.push(...page);
    // All that were seen are looked at again: who waits for a storage server holds up those behind him on any page.
    const choice = page.length === 0 ? undefined : chooseRun(seen, running, perStorageServer, now);
    if (choice !== undefined || page.length < pageSize) return choice;
  }
}

async function waitingRuns(tables: Tables, now: number, after: WaitingRun | undefined): Promise<WaitingRun[]> {
  const rows = await tables
    .selectFrom('run')
    .select(['id', 'kind', 'backup_id', 'storage_server_id', 'not_before_ms'])
    .where('state', '=', 'queued')
    .where('not_before_ms', '<=', now)
    .$if(after !== undefined, (query) =>
      query.where(({ eb, and, or }) =>
        or([
          eb('not_before_ms', '>', after?.notBeforeMs ?? 0),
          and([eb('not_before_ms', '=', after?.notBeforeMs ?? 0), eb('id', '>', after?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('not_before_ms')
    .orderBy('id')
    .limit(pageSize)
    .execute();
  const servers = await destinations(
    tables,
    rows.flatMap(({ kind, backup_id }) => (kind === 'backup' && backup_id !== null ? [backup_id] : [])),
  );
  return rows.map(({ id, kind, backup_id, storage_server_id, not_before_ms }) => ({
    id,
    kind,
    backupId: backup_id,
    notBeforeMs: not_before_ms,
    storageServerIds: kind === 'backup' ? (servers.get(backup_id ?? '') ?? []) : storage_server_id === null ? [] : [storage_server_id],
  }));
}

async function destinations(tables: Tables, backupIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const byBackup = new Map<string, string[]>();
  if (backupIds.length === 0) return byBackup;
  const rows = await tables.selectFrom('backup_destination').selectAll().where('backup_id', 'in', backupIds).execute();
  for (const { backup_id, storage_server_id } of rows) byBackup.set(backup_id, [...(byBackup.get(backup_id) ?? []), storage_server_id]);
  return byBackup;
}

async function take(
  tables: Transaction<Schema>,
  choice: WaitingRun,
  worker: string,
  now: number,
  leaseMs: number,
): Promise<ClaimedRun | undefined> {
  const isBackup = choice.kind === 'backup';
  const backup =
    choice.backupId === null
      ? undefined
      : await tables.selectFrom('backup').select('version').where('id', '=', choice.backupId).executeTakeFirst();
  const row = await tables
    .updateTable('run')
    .set(({ eb }) => ({
      state: 'running',
      worker,
      started_ms: now,
      lease_until_ms: now + leaseMs,
      fence: eb('fence', '+', 1),
      config_version: backup?.version ?? null,
      ...(isBackup ? { request: JSON.stringify({ storageServerIds: choice.storageServerIds }) } : {}),
    }))
    .where('id', '=', choice.id)
    .where('state', '=', 'queued')
    .returningAll()
    .executeTakeFirst();
  return row as ClaimedRun | undefined;
}
