import { createHash } from 'node:crypto';
import { MaintenancePlan, type StorageServer } from '@holdfast/contract';
import { type Caller, type ControlContext, control, newId, type Schema } from '@holdfast/control';
import { ManualClock, Secret } from '@holdfast/kernel';
import { backupReport, configOf, failure, forgetReport, pick } from './manager-records.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const serverCount = 5;
const batch = 100;
const caller: Caller = { actor: 'benchmark', requestId: 'benchmark' };

export interface FillSize {
  readonly backups: number;
  /** Runs that ended, each with its report: half backups, half what retention did after them. */
  readonly reports: number;
}

export interface Filled {
  readonly backupIds: readonly string[];
  readonly reports: number;
  readonly snapshots: number;
}

type Run = Schema['run'];
type Parts = { runs: Run[]; logs: Schema['run_log'][]; snapshots: Schema['snapshot'][] };

interface FilledBackup {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Fires lie whole days before it; an hour from now or later, so that nothing runs while it is measured. */
  readonly nextMs: number;
  readonly servers: readonly StorageServer[];
}

/**
 * Fills an empty database as it would be after some weeks of one run of each backup a day: definitions by the verbs of the control plane,
 * the past by its tables.
 */
export async function fillManager(context: Omit<ControlContext, 'clock'>, size: FillSize, nowMs: number): Promise<Filled> {
  const days = Math.ceil(size.reports / 2 / size.backups);
  const clock = clockAt(nowMs - (days + 1) * dayMs);
  const past: ControlContext = { ...context, clock };
  const servers: StorageServer[] = [];
  for (let index = 0; index < serverCount; index++) servers.push(await addServer(past, index));
  const backups: FilledBackup[] = [];
  for (let index = 0; index < size.backups; index++) {
    clock.advance(1);
    const used = [pick(servers, index), ...(index % 5 === 0 ? [pick(servers, index + 1)] : [])];
    const nextMs = minute(nowMs + hourMs + (index * 22 * hourMs) / size.backups);
    const ids = used.map(({ id }) => id);
    const { id, config } = await control.backups.create(past, caller, { config: configOf(index, ids, nextMs) });
    backups.push({
      id,
      name: config.name,
      path: config.source.driver === 'files' ? (config.source.paths[0] ?? '') : '',
      nextMs,
      servers: used,
    });
  }
  let snapshots = 0;
  let reports = 0;
  for (let day = days; day >= 1; day--) {
    const parts: Parts = { runs: [], logs: [], snapshots: [] };
    for (const [index, backup] of backups.entries()) addDay(context, backup, index, day, parts);
    if (day % 7 === 1) for (const server of servers) addMaintenance(context, server, nowMs - day * dayMs, parts);
    await insertParts(context, parts);
    snapshots += parts.snapshots.length;
    reports += parts.runs.length;
  }
  await settle(context, servers, nowMs);
  return { backupIds: backups.map(({ id }) => id), reports, snapshots };
}

async function addServer(context: ControlContext, index: number): Promise<StorageServer> {
  const name = `storage-${index + 1}`;
  return await control.storageServers.recordCreated(context, caller, {
    name,
    options: { driver: 'local', path: `/mnt/${name}/holdfast` },
    maintenance: MaintenancePlan.parse({}),
    password: new Secret(`the password of ${name}`),
    repositoryId: digest(name),
    adopted: false,
  });
}

/** The backup's run of that many days ago, the retention run after it, and what they left. */
function addDay(context: Omit<ControlContext, 'clock'>, backup: FilledBackup, index: number, day: number, parts: Parts): void {
  const startMs = backup.nextMs - day * dayMs;
  const luck = (index * 31 + day * 17) % 1000;
  const outcome = outcomeOf(luck);
  const endMs = startMs + 20_000 + luck * 500;
  const files = 2_000 + index * 97;
  const bytes = files * 48_000;
  const addedBytes = Math.round((bytes * (luck + 1)) / 100_000);
  const id = idAt(context, startMs);
  const isDone = outcome === 'succeeded' || outcome === 'partial';
  const destinations = backup.servers.map((server) => ({ id: server.id, name: server.name, snapshotId: digest(`${id} ${server.id}`) }));
  const report = backupReport({ runId: id, startMs, endMs, destinations, outcome, files, bytes, addedBytes, path: backup.path });
  parts.runs.push({
    ...ended(id, 'backup', backup.name, outcome, startMs, endMs),
    backup_id: backup.id,
    config_version: 1,
    trigger: 'schedule',
    fire_ms: startMs,
    report: JSON.stringify(report),
    reasons: JSON.stringify(isDone ? [] : ['The storage server was not reached.']),
    error: outcome === 'failed' ? JSON.stringify(failure) : null,
    files,
    bytes,
    added_bytes: addedBytes,
    item_count: report.itemCount,
  });
  const lines = ['Looking for the snapshot before', 'Reading files', `Stored ${files} files`, 'The snapshot was read back'];
  for (const [seq, text] of lines.entries()) parts.logs.push({ run_id: id, seq, at_ms: startMs + seq * 5000, level: 'info', text });
  const isKept = day <= 16 || day % 7 === 0;
  if (isDone && isKept) {
    for (const destination of destinations) {
      parts.snapshots.push({
        id: idAt(context, endMs),
        snapshot_id: destination.snapshotId,
        storage_server_id: destination.id,
        backup_id: backup.id,
        run_id: id,
        time_ms: startMs,
        files,
        bytes,
        added_bytes: addedBytes,
        complete: outcome === 'succeeded' ? 1 : 0,
        pinned: 0,
      });
    }
  }
  const forgetId = idAt(context, endMs + 2_000);
  const remaining = Array.from({ length: 20 }, (_, number) => digest(`${backup.id} ${number}`));
  parts.runs.push({
    ...ended(forgetId, 'retention', backup.name, 'succeeded', endMs + 2_000, endMs + 5_000),
    backup_id: backup.id,
    storage_server_id: backup.servers[0]?.id ?? null,
    config_version: 1,
    trigger: 'after-backup',
    report: JSON.stringify(forgetReport(forgetId, endMs + 2_000, endMs + 5_000, digest(`${backup.id} ${day}`), remaining)),
  });
}

function addMaintenance(context: Omit<ControlContext, 'clock'>, server: StorageServer, atMs: number, { runs }: Parts): void {
  for (const kind of ['check', 'prune']) {
    const id = idAt(context, atMs);
    runs.push({ ...ended(id, kind, server.name, 'succeeded', atMs, atMs + 900_000), storage_server_id: server.id, trigger: 'maintenance' });
  }
}

function ended(id: string, kind: string, title: string, outcome: string, startMs: number, endMs: number): Run {
  return {
    id,
    kind,
    title,
    backup_id: null,
    storage_server_id: null,
    config_version: null,
    trigger: 'schedule',
    request: '{}',
    state: 'ended',
    outcome,
    attempt: 1,
    fire_ms: null,
    due_ms: startMs,
    not_before_ms: startMs,
    started_ms: startMs,
    ended_ms: endMs,
    worker: 'benchmark',
    lease_until_ms: null,
    fence: 1,
    cancel_requested: 0,
    missed_count: 0,
    progress: null,
    report: null,
    reasons: '[]',
    error: null,
    files: null,
    bytes: null,
    added_bytes: null,
    item_count: 0,
  };
}

async function insertParts({ database }: Omit<ControlContext, 'clock'>, { runs, logs, snapshots }: Parts): Promise<void> {
  await database.transaction(async (tables) => {
    for (const rows of slices(runs, batch)) await tables.insertInto('run').values(rows).execute();
    for (const rows of slices(logs, batch * 4)) await tables.insertInto('run_log').values(rows).execute();
    for (const rows of slices(snapshots, batch)) await tables.insertInto('snapshot').values(rows).execute();
  });
}

/** What the past would have left in the other tables: seen storage servers, schedules that were looked at until now, failures that are told. */
async function settle({ database }: Omit<ControlContext, 'clock'>, servers: readonly StorageServer[], nowMs: number): Promise<void> {
  await database.transaction(async (tables) => {
    await tables.updateTable('backup').set({ scheduled_until_ms: nowMs }).execute();
    const failing = tables
      .selectFrom('run')
      .select('backup_id')
      .where('outcome', 'in', ['failed', 'interrupted', 'partial'])
      .where('ended_ms', '>', nowMs - dayMs)
      .where('backup_id', 'is not', null)
      .$narrowType<{ backup_id: string }>();
    await tables.updateTable('backup').set({ failures_in_row: 1 }).where('id', 'in', failing).execute();
    for (const { id, status } of servers) {
      const seen = {
        ...status,
        reachable: true,
        checkedMs: nowMs,
        usedBytes: 3_000_000_000_000,
        freeBytes: 900_000_000_000,
        snapshots: 4_800,
        latencyMs: 3,
        lastCheckedWholeMs: nowMs - dayMs,
      };
      await tables
        .updateTable('storage_server')
        .set({ status: JSON.stringify(seen), recovery_key_taken_ms: nowMs - dayMs })
        .where('id', '=', id)
        .execute();
    }
  });
}

function outcomeOf(luck: number): string {
  if (luck < 20) return 'failed';
  if (luck < 40) return 'partial';
  if (luck < 44) return 'cancelled';
  if (luck < 48) return 'interrupted';
  return luck < 50 ? 'missed' : 'succeeded';
}

function slices<T>(rows: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / length) }, (_, index) => rows.slice(index * length, (index + 1) * length));
}

function idAt({ random }: Pick<ControlContext, 'random'>, ms: number): string {
  return newId({ clock: clockAt(ms), random });
}

function clockAt(ms: number): ManualClock {
  return new ManualClock(BigInt(Math.round(ms)) * 1_000_000n);
}

function minute(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
