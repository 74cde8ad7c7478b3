import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type ApiClient, RetentionPolicy, type RunSummary } from '@holdfast/contract';
import {
  ChangeBus,
  type ControlContext,
  InProcessWaker,
  insertRun,
  MasterKey,
  MasterKeySealer,
  migrate,
  nowMs,
  openPostgres,
  Scheduler,
} from '@holdfast/control';
import { systemClock, systemRandom, toHex } from '@holdfast/kernel';
import { addBackup, addStorageServer } from './support/control-records.ts';
import { password, startHttpServer } from './support/http-server.ts';
import { PostgresServer, whyNoPostgres } from './support/postgres.ts';
import { childrenOf, killHard, untilGone } from './support/process-tree.ts';
import { runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { WorkLog } from './support/work-log.ts';
import { startWorkerProcess, type WorkerProcess } from './support/worker-process.ts';

const runCount = Number(process.env['HOLDFAST_WORKER_RUNS'] ?? '30');
const seed = process.env['HOLDFAST_WORKER_SEED'] ?? String(systemRandom.below(1_000_000));
const skip = whyNoPostgres() ?? false;
const perStorageServer = 2;
const perHost = 4;

/** From the death of a worker to the end of its runs. */
const mostOrphanedMs = 60_000;

async function until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) assert.fail(`within ${withinMs} ms it did not come to be: ${what}`);
    await systemClock.sleep(100);
  }
}

/** The runs that the database says that process works at. */
async function runsOf(context: ControlContext, pid: number): Promise<string[]> {
  const rows = await context.database.tables.selectFrom('run').select(['id', 'worker']).where('state', '=', 'running').execute();
  return rows.filter(({ worker }) => new RegExp(`/${pid}(-|$)`).test(worker ?? '')).map(({ id }) => id);
}

/** Waits until none of them is `running` any more, and says how long that took. */
async function untilReported(context: ControlContext, ids: readonly string[]): Promise<number> {
  const startMs = performance.now();
  await until('the runs of the dead worker end', mostOrphanedMs, async () => {
    const rows = await context.database.tables
      .selectFrom('run')
      .select('id')
      .where('state', '=', 'running')
      .where('id', 'in', ids)
      .execute();
    return rows.length === 0;
  });
  return performance.now() - startMs;
}

async function untilIdle(context: ControlContext, withinMs: number): Promise<void> {
  await until('all runs end', withinMs, async () => {
    const row = await context.database.tables.selectFrom('run').select('id').where('state', '!=', 'ended').limit(1).executeTakeFirst();
    return row === undefined;
  });
}

async function manyShortRuns(t: TestContext): Promise<void> {
  const random = new SeededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-workers-'));
  try {
    await using place = await new PostgresServer().createDatabase();
    await using database = await openPostgres(place.url);
    await migrate(database, nowMs(systemClock));
    const key = systemRandom.bytes(32);
    const sealer = new MasterKeySealer(new MasterKey(key), systemRandom);
    const context: ControlContext = { database, clock: systemClock, random: systemRandom, sealer, changes: new ChangeBus() };
    const faults: unknown[] = [];
    await using scheduler = new Scheduler(context, {
      waker: new InProcessWaker(systemClock),
      monotonicMs: () => performance.now(),
      onFault: (fault) => faults.push(fault),
    });
    scheduler.start();
    const servers: string[] = [];
    for (let index = 0; index < 5; index++) servers.push(await addStorageServer(context, `Server ${index}`));
    const backups: string[] = [];
    for (let index = 0; index < 12; index++) {
      const chosen = index % 4 === 0 ? [index, index + 2] : [index];
      const ids = chosen.map((each) => String(servers[each % servers.length]));
      backups.push(await addBackup(context, `Backup ${index}`, ids, { retries: { times: 2, pauseMinutes: 1 } }));
    }
    for (let index = 0; index < runCount; index++) {
      const run = { kind: 'backup', title: `Run ${index}`, trigger: 'person', backupId: random.pick(backups) } as const;
      await insertRun(context, database.tables, run);
    }

    const log = new WorkLog(join(folder, 'log'));
    const startMs = performance.now();
    const hosts = ['alpha', 'alpha', 'beta'];
    const workers = await Promise.all(
      hosts.map(async (host) => {
        const program = join(import.meta.dirname, 'support', 'run-worker.ts');
        const names = { HOLDFAST_TEST_WORKER: host, HOLDFAST_TEST_LOG: log.path, HOLDFAST_TEST_RUN_MS: '150' };
        const env = { HOLDFAST_DATABASE_URL: place.url, HOLDFAST_TEST_KEY: toHex(key), ...names };
        return await startWorkerProcess([program], env, /^ready$/m);
      }),
    );
    await using _workers = new AsyncDisposableStack();
    for (const worker of workers) _workers.use(worker);
    const victimIndex = random.below(workers.length);
    const victim = workers[victimIndex] as WorkerProcess;
    const host = String(hosts[victimIndex]);
    await until('the one that shall die works', 60_000, async () => (await runsOf(context, victim.pid)).length > 0);
    await systemClock.sleep(random.below(150));
    await victim.end('SIGKILL');
    const orphans = await runsOf(context, victim.pid);
    const begunThere = log
      .lines()
      .filter((line) => line.event === 'begin')
      .map(({ runId }) => runId);
    const endedThere = new Set(
      log
        .lines()
        .filter((line) => line.event === 'end')
        .map(({ runId }) => runId),
    );
    for (const id of orphans) if (begunThere.includes(id) && !endedThere.has(id)) log.gone(id, host);
    const reportedMs = orphans.length === 0 ? 0 : await untilReported(context, orphans);
    await untilIdle(context, 240_000);
    const wholeMs = performance.now() - startMs;
    for (const worker of workers) await worker.end('SIGTERM');
    assert.deepEqual(
      workers.filter((worker) => worker !== victim).map((worker) => worker.ended),
      [0, 0].map((code) => ({ code, signal: null })),
      workers.map((worker) => worker.output()).join('\n'),
    );
    assert.deepEqual(faults, []);

    const rows = await database.tables.selectFrom('run').selectAll().orderBy('id').execute();
    const done = rows.filter(({ kind }) => kind === 'backup');
    const interrupted = rows.filter(({ outcome }) => outcome === 'interrupted');
    const hit = new Set(interrupted.map(({ backup_id }) => backup_id));
    for (const run of rows) {
      const how = `${run.kind} ${run.title}: ${run.outcome} ${run.reasons}`;
      if (orphans.includes(run.id)) assert.equal(run.outcome, 'interrupted', how);
      else if (run.kind === 'retention' && hit.has(run.backup_id))
        assert.ok(run.outcome === 'succeeded' || /in-doubt/.test(run.error ?? ''), how);
      else assert.equal(run.outcome, 'succeeded', how);
    }
    for (const backupId of hit) {
      const own = done.filter((run) => run.backup_id === backupId).toSorted((a, b) => Number(a.ended_ms) - Number(b.ended_ms));
      assert.equal(own.at(-1)?.outcome, 'succeeded', 'an interrupted backup is tried again');
    }
    const again = done.filter(({ trigger }) => trigger === 'retry').length;
    assert.equal(done.length, runCount + again);
    const begun = log.begun();
    assert.deepEqual(
      [...begun.values()].filter((times) => times !== 1),
      [],
      'no run is executed twice',
    );
    const succeeded = done.filter(({ outcome }) => outcome === 'succeeded').map(({ id }) => id);
    assert.deepEqual(
      succeeded.filter((id) => !begun.has(id)),
      [],
      'no run succeeds without being executed',
    );
    const snapshots = await database.tables.selectFrom('snapshot').select(['run_id', 'storage_server_id']).execute();
    const serversOf = new Map(
      done.map(({ id, request }) => [id, (JSON.parse(request) as { storageServerIds: string[] }).storageServerIds]),
    );
    assert.equal(
      snapshots.length,
      succeeded.reduce((sum, id) => sum + (serversOf.get(id)?.length ?? 0), 0),
      'each leaves its snapshots once',
    );
    const most = log.mostTogether((id, where) => [where, ...(serversOf.get(id) ?? [])]);
    for (const [thing, count] of most)
      assert.ok(count <= (hosts.includes(thing) ? perHost : perStorageServer), `${count} together: ${thing}`);
    t.diagnostic(
      `${done.length} backups (${again} of them second tries) and ${rows.length - done.length} retention runs in ${Math.round(wholeMs)} ms; ` +
        `${orphans.length} runs of the dead worker were reported after ${Math.round(reportedMs)} ms; at once at most ` +
        `alpha ${most.get('alpha')}, beta ${most.get('beta')}, a storage server ${Math.max(...servers.map((id) => most.get(id) ?? 0))}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Three real workers with real backups; each round writes something new into all sources and runs all backups. */
class RealWork {
  readonly client: ApiClient;
  readonly folder: string;
  readonly #random: SeededRandom;
  readonly #backups: string[] = [];
  readonly storage: { readonly path: string; readonly password: string }[] = [];
  runs = 0;

  constructor(client: ApiClient, folder: string, random: SeededRandom) {
    this.client = client;
    this.folder = folder;
    this.#random = random;
  }

  async start(): Promise<void> {
    await this.client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
    const ids: string[] = [];
    for (const name of ['one', 'two']) {
      const path = join(this.folder, `storage-${name}`);
      const { id } = await this.client.storageServers.create({ name, options: { driver: 'local', path } });
      ids.push(id);
      this.storage.push({ path, password: (await this.client.storageServers.recoveryKey({ id })).password });
    }
    for (let index = 0; index < 4; index++) {
      const { id } = await this.client.backups.create({
        config: {
          name: `Backup ${index}`,
          source: { driver: 'files', paths: [this.#source(index)] },
          storageServerIds: index === 0 ? ids : [String(ids[index % 2])],
          schedule: null,
          timeZone: 'UTC',
          retention: RetentionPolicy.parse({}),
        },
      });
      this.#backups.push(id);
    }
  }

  /** Starts a run of each backup, with something new to store. */
  async begin(): Promise<string[]> {
    const ids: string[] = [];
    for (const [index, id] of this.#backups.entries()) {
      mkdirSync(this.#source(index), { recursive: true });
      for (let file = 0; file < 20; file++) {
        writeFileSync(
          join(this.#source(index), `f${this.#random.below(60)}`),
          this.#random.bytes(this.#random.pick([100, 20_000, 300_000])),
        );
      }
      ids.push((await this.client.backups.run({ id })).id);
    }
    this.runs += ids.length;
    return ids;
  }

  async all(): Promise<RunSummary[]> {
    const all: RunSummary[] = [];
    for (let after: string | undefined; ; ) {
      const { items, next } = await this.client.runs.list({ limit: 200, ...(after === undefined ? {} : { after }) });
      all.push(...items);
      if (next === null) return all;
      after = next;
    }
  }

  #source(index: number): string {
    return join(this.folder, 'source', String(index));
  }
}

async function realBackups(t: TestContext): Promise<void> {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const random = new SeededRandom(seed);
  await using place = await new PostgresServer().createDatabase();
  await using server = await startHttpServer({ databaseUrl: place.url, isWorker: false });
  await using database = await openPostgres(place.url);
  const context = { database, clock: systemClock } as ControlContext;
  const work = new RealWork(server.client(), server.folder, random);
  await work.start();
  const key = readFileSync(join(server.folder, 'data', 'master.key'), 'utf8').trim();
  const program = join(import.meta.dirname, '../apps/cli/bin/holdfast.js');
  await using workers = new AsyncDisposableStack();
  const living: WorkerProcess[] = [];
  for (const name of ['a', 'b', 'c']) {
    const env = { HOLDFAST_DATABASE_URL: place.url, HOLDFAST_MASTER_KEY: key, HOLDFAST_DATA: join(server.folder, `worker-${name}`) };
    living.push(workers.use(await startWorkerProcess([program, 'worker'], env, /ready to work/)));
  }
  await work.begin();
  let orphans: string[] = [];
  let reportedMs = 0;
  while (orphans.length === 0) {
    assert.ok(work.runs < 60, 'a worker is hit in a run sooner or later');
    await untilIdle(context, 60_000);
    await work.begin();
    let victim: WorkerProcess | undefined;
    await until('some worker works', 20_000, async () => {
      for (const worker of living) if ((await runsOf(context, worker.pid)).length > 0) victim ??= worker;
      return victim !== undefined;
    });
    if (victim === undefined) continue;
    await systemClock.sleep(random.below(1_200));
    const processes = childrenOf(victim.pid);
    if (processes.length === 0) continue;
    await victim.end('SIGKILL');
    // Of its runs one dies as hard as it did; the others notice that they are alone.
    if (processes[0] !== undefined) killHard(processes[0]);
    orphans = await runsOf(context, victim.pid);
    await untilGone(processes, 20_000);
    if (orphans.length > 0) reportedMs = await untilReported(context, orphans);
    living.splice(living.indexOf(victim), 1);
    assert.ok(living.length > 0, 'a worker is left');
  }
  await untilIdle(context, 120_000);
  for (let round = 0; round < Math.ceil(runCount / 50); round++) {
    await work.begin();
    await untilIdle(context, 60_000);
  }

  const runs = await work.all();
  for (const run of runs) {
    const how = `${run.kind} ${run.title}: ${run.outcome} ${JSON.stringify(run.error)}`;
    if (orphans.includes(run.id)) assert.equal(run.outcome, 'interrupted', how);
    else assert.ok(run.outcome === 'succeeded' || (run.kind === 'retention' && run.error?.code === 'retention-in-doubt'), how);
  }
  const again = runs.filter(({ trigger }) => trigger === 'retry').length;
  assert.equal(again, runs.filter(({ id, kind }) => kind === 'backup' && orphans.includes(id)).length, 'each is taken over once');
  const recorded = await database.tables.selectFrom('snapshot').select('snapshot_id').execute();
  const stored = new Set<string>();
  for (const { path, password: secret } of work.storage) {
    assert.deepEqual(
      readdirSync(join(path, 'locks')).filter((name) => /^[0-9a-f]{64}$/.test(name)),
      [],
      'no lock is left',
    );
    const env = { RESTIC_PASSWORD: secret };
    const check = await runProgram(restic, ['check', '-r', path, '--read-data', '--no-cache'], { env });
    assert.equal(check.code, 0, check.stdout + check.stderr);
    const { stdout } = await runProgram(restic, ['snapshots', '-r', path, '--json', '--no-cache'], { env });
    for (const { id } of JSON.parse(stdout) as { id: string }[]) stored.add(id);
  }
  assert.deepEqual(
    recorded.filter(({ snapshot_id }) => !stored.has(snapshot_id)),
    [],
    'what is recorded is stored',
  );
  t.diagnostic(
    `${runs.length} runs; ${orphans.length} runs of the dead worker were reported after ${Math.round(reportedMs)} ms; ` +
      `${recorded.length} snapshots recorded, ${stored.size} stored`,
  );
}

describe('workers', { concurrency: true }, () => {
  test(
    `F43 kill-manager: ${runCount} short runs by three workers, of which one is killed, are executed once each and within the limits (seed "${seed}")`,
    {
      skip,
      timeout: 600_000,
    },
    manyShortRuns,
  );

  test(
    `F43 kill-manager: the runs of a worker that is killed are taken over within a minute, and restic finds the repositories clean (seed "${seed}")`,
    {
      skip,
      timeout: 600_000,
    },
    realBackups,
  );
});
