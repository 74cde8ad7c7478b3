import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { apiPath } from '@holdfast/contract';
import { ChangeBus, loadMasterKey, migrate, openPostgres, openSqlite } from '@holdfast/control';
import { systemRandom } from '@holdfast/kernel';
import { startServeProcess } from '../test/support/serve-process.ts';
import { type Filled, fillManager } from './fill-manager.ts';
import { cpuMs, residentMebibytes } from './process-figures.ts';
import { get, openTarget, percentile, type Route, type Sample, steadyLoad, type Target } from './steady-load.ts';

/*
 * The manager with many backups and reports: how fast its lists and its overview answer, how much memory it takes, how long it takes to
 * start. On SQLite, or on the empty PostgreSQL database of HOLDFAST_DATABASE_URL. Needs Linux.
 */
const { values } = parseArgs({
  options: {
    backups: { type: 'string', default: '1000' },
    reports: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    rest: { type: 'string', default: '30' },
    starts: { type: 'string', default: '5' },
    /** Calls of each route one after the other, for its processor time. */
    series: { type: 'string', default: '50' },
    /** A data directory of an earlier call, or where to leave it for a later one. */
    data: { type: 'string' },
  },
});
const databaseUrl = process.env['HOLDFAST_DATABASE_URL'];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function fill(data: string): Promise<Filled> {
  await using database = databaseUrl === undefined ? await openSqlite(join(data, 'holdfast.sqlite')) : await openPostgres(databaseUrl);
  await migrate(database, Date.now());
  const known = await database.tables.selectFrom('backup').select('id').orderBy('id').execute();
  if (known.length > 0) {
    const count = async (table: 'run' | 'snapshot'): Promise<number> =>
      Number(
        (
          await database.tables
            .selectFrom(table)
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .executeTakeFirst()
        )?.count,
      );
    return { backupIds: known.map(({ id }) => id), reports: await count('run'), snapshots: await count('snapshot') };
  }
  const sealer = await loadMasterKey({ database, dataDirectory: data, environment: process.env, random: systemRandom });
  const context = { database, random: systemRandom, sealer, changes: new ChangeBus() };
  return await fillManager(context, { backups: Number(values.backups), reports: Number(values.reports) }, Date.now());
}

async function signIn(url: string): Promise<string> {
  const account = { name: 'Bench', email: 'bench@example.org', password: 'correct horse battery' };
  const post = async (path: string): Promise<Response> =>
    await fetch(`${url}${apiPath}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(path === '/setup' ? account : { email: account.email, password: account.password }),
    });
  const first = await post('/setup');
  const response = first.ok ? first : await post('/session');
  if (!response.ok) throw new Error(`no sign-in: ${response.status} ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.replace(/;.*/, ''))
    .join('; ');
}

function routesOf({ backupIds }: Filled): readonly Route[] {
  let turn = 0;
  const backup = (): string => backupIds[(turn++ * 37) % backupIds.length] ?? '';
  const route = (name: string, path: string | (() => string)): Route => ({
    name,
    path: () => `${apiPath}${typeof path === 'string' ? path : path()}`,
  });
  return [
    route('backups.list', '/backups'),
    route('runs.list', '/runs'),
    route('overview.get', '/overview'),
    route('runs.list of a backup', () => `/runs?backupId=${backup()}`),
    route('storageServers.list', '/storage-servers'),
    route('runs.list failed backups', '/runs?kind=backup&outcome=failed&limit=200'),
    route('snapshots.list', '/snapshots?limit=200'),
    route('snapshots.list of a backup', () => `/snapshots?backupId=${backup()}`),
  ];
}

/** Processor milliseconds that one call takes the server. */
async function cpuOfCall(target: Target, pid: number, route: Route): Promise<number> {
  const calls = Number(values.series);
  const before = cpuMs(pid);
  for (let call = 0; call < calls; call++) await get(target, route);
  return (cpuMs(pid) - before) / calls;
}

async function startTimes(data: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let start = 0; start < Number(values.starts); start++) {
    const beganMs = performance.now();
    const server = await startServeProcess(data, ['--log-level', 'error']);
    times.push(performance.now() - beganMs);
    await server.end('SIGTERM');
  }
  return times;
}

function tableOf(routes: readonly Route[], samples: readonly Sample[], cpu: ReadonlyMap<string, number>): string {
  const lines = [
    '| route | requests | answer KiB | p50 ms | p95 ms | p99 ms | CPU ms a call |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  const row = (name: string, own: readonly Sample[]): void => {
    const times = own.map(({ ms }) => ms);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share).toFixed(1));
    const kibibytes = (
      percentile(
        own.map(({ bytes }) => bytes),
        0.5,
      ) / 1024
    ).toFixed(0);
    lines.push(`| ${name} | ${own.length} | ${kibibytes} | ${p50} | ${p95} | ${p99} | ${cpu.get(name)?.toFixed(1) ?? ''} |`);
  };
  for (const { name } of routes)
    row(
      name,
      samples.filter((sample) => sample.route === name),
    );
  row('all', samples);
  return lines.join('\n');
}

async function run(data: string): Promise<void> {
  say('Filling the database');
  const filled = await fill(data);
  say('Starting the server');
  const starts = await startTimes(data);
  await using server = await startServeProcess(data, ['--log-level', 'error']);
  const pid = server.child.pid ?? 0;
  const target = openTarget(server.url, await signIn(server.url));
  const routes = routesOf(filled);
  say('Resting');
  await pause(Number(values.rest) * 1000);
  const idleMebibytes = residentMebibytes(pid);
  for (const route of routes) for (let warm = 0; warm < 5; warm++) await get(target, route);
  say(`${values.rate} requests a second for ${values.seconds} s`);
  let busyMebibytes = 0;
  const watch = setInterval(() => {
    busyMebibytes = Math.max(busyMebibytes, residentMebibytes(pid));
  }, 250);
  const before = cpuMs(pid);
  const samples = await steadyLoad(target, routes, Number(values.rate), Number(values.seconds));
  const busyShare = (cpuMs(pid) - before) / (Number(values.seconds) * 1000);
  clearInterval(watch);
  const cpu = new Map<string, number>();
  for (const route of routes) cpu.set(route.name, await cpuOfCall(target, pid, route));
  say('Resting');
  await pause(Number(values.rest) * 1000);
  const restedMebibytes = residentMebibytes(pid);
  target.agent.destroy();
  const size =
    databaseUrl === undefined ? `SQLite, ${(statSync(join(data, 'holdfast.sqlite')).size / 2 ** 20).toFixed(0)} MiB` : 'PostgreSQL';
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(`${filled.backupIds.length} backups, ${filled.reports} reports, ${filled.snapshots} snapshots; ${size}; `);
  process.stdout.write(`${values.rate} requests a second for ${values.seconds} s; ${cpus().length} processors (${cpus()[0]?.model}), `);
  process.stdout.write(`Node ${process.versions.node}, load average ${load}\n\n${tableOf(routes, samples, cpu)}\n\n`);
  process.stdout.write('| what | figure |\n| --- | ---: |\n');
  process.stdout.write(
    `| start until it answers, s (${starts.length} starts) | ${starts.map((ms) => (ms / 1000).toFixed(2)).join(' ')} |\n`,
  );
  process.stdout.write(`| memory ${values.rest} s after the start, MiB | ${idleMebibytes.toFixed(0)} |\n`);
  process.stdout.write(`| most memory under load, MiB | ${busyMebibytes.toFixed(0)} |\n`);
  process.stdout.write(`| memory ${values.rest} s after the load, MiB | ${restedMebibytes.toFixed(0)} |\n`);
  process.stdout.write(`| share of one processor under load | ${(busyShare * 100).toFixed(0)} % |\n`);
}

const data = values.data ?? mkdtempSync(join(tmpdir(), 'holdfast-manager-'));
try {
  await run(data);
} finally {
  if (values.data === undefined) rmSync(data, { recursive: true, force: true });
}
