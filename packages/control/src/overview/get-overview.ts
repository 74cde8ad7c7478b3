import { Health, type Overview, type RunSummary } from '@holdfast/contract';
import { readBackups } from '../backup/backup-view.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import type { Database, Tables } from '../database/database.ts';
import { nowMs } from '../now-ms.ts';
import { runSummary, summaryColumns } from '../runs/run-summary.ts';
import { readStorageServers } from '../storage-server/storage-server-view.ts';
import { runDays } from './run-days.ts';

const mostRecent = 10;
const mostUpcoming = 10;

/** The state of everything, in a bounded number of queries. Days are those of this machine's zone. */
export async function getOverview(context: ControlContext, _caller: Caller, _input?: unknown): Promise<Overview> {
  const { database, clock } = context;
  const backups = await readBackups(context, database.tables);
  const zone = Temporal.Now.timeZoneId();
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs(clock)).toZonedDateTimeISO(zone).toPlainDate();
  const rest = await database.reads.read('overview', async () => await readRest(database, today, zone), `${today.toString()} ${zone}`);
  const counts = Object.fromEntries(Health.options.map((health) => [health, 0])) as Overview['backups'];
  for (const { health } of backups) counts[health] += 1;
  const upcoming = backups.flatMap(({ id, config, nextRunMs }) =>
    nextRunMs === null ? [] : [{ backupId: id, name: config.name, atMs: nextRunMs }],
  );
  return { ...rest, backups: counts, upcoming: upcoming.sort((a, b) => a.atMs - b.atMs).slice(0, mostUpcoming) };
}

/** What does not change as long as the database and the day do not. */
async function readRest(database: Database, today: Temporal.PlainDate, zone: string): Promise<Omit<Overview, 'backups' | 'upcoming'>> {
  const { tables } = database;
  const servers = await readStorageServers(tables);
  return {
    running: await newestRuns(tables, 'running', 100),
    recent: await newestRuns(tables, 'ended', mostRecent),
    storedBytes: servers.reduce((sum, { status }) => sum + (status.usedBytes ?? 0), 0),
    storageServersUnreachable: servers.filter(({ status }) => status.reachable === false).length,
    storageServers: servers.length,
    recoveryKeysNotTaken: servers.filter(({ recoveryKeyTakenMs }) => recoveryKeyTakenMs === null).length,
    days: await runDays(database, today, zone),
  };
}

/** What runs is found by its state, of which there are few; what ended last is at the end of an index, whatever its state is. */
async function newestRuns(tables: Tables, state: 'running' | 'ended', limit: number): Promise<RunSummary[]> {
  const query = tables.selectFrom('run').select(summaryColumns).limit(limit);
  const rows = await (state === 'running'
    ? query.where('state', '=', state).orderBy('id', 'desc')
    : query.where('ended_ms', 'is not', null).orderBy('ended_ms', 'desc')
  ).execute();
  return rows.map(runSummary);
}
