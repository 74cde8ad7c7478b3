import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ApiClient, RetentionPolicy, type RunSummary } from '@holdfast/contract';
import { systemClock } from '@holdfast/kernel';
import { ORPCError } from '@orpc/client';
import { ConfigModel } from './config-model.ts';
import { openClient, password } from './http-server.ts';
import { childrenOf, killHard, untilGone } from './process-tree.ts';
import { runProgram } from './program.ts';
import { SeededRandom } from './seeded-random.ts';
import { type ServeProcess, startServeProcess } from './serve-process.ts';

const program = resolve(import.meta.dirname, '../../apps/cli/bin/holdfast.js');
const serveOptions = ['--log-level', 'warn'];
const minuteMs = 60_000;

/** How long a run of this course may take at most, with a lock that another one still holds and a busy machine. */
const mostRunMs = 120_000;
/** What may lie between a minute and the start of its run: the scheduler looks every 15 s, and a start takes some seconds. */
const mostLateMs = 45_000;

/** Kills `holdfast serve` at random moments while backups run and people configure, and looks at what is there after each restart. */
export class ServerKillCourse {
  readonly #seed: string;
  /** For when and how it is killed; what goes on meanwhile has its own, or the order of events would change all. */
  readonly #random: SeededRandom;
  readonly #content: SeededRandom;
  readonly #restic: string;
  readonly #root: string;
  #started: ServeProcess | undefined;
  #token = '';
  #cookie = '';
  #repositoryPassword = '';
  #storageServerId = '';
  #byHandId = '';
  #everyMinuteId = '';
  #learned: ConfigModel | undefined;
  #scheduledSinceMs = 0;
  #isDying = false;
  /** Runs that the server said are queued since it was killed last. */
  #acknowledgedRuns: string[] = [];
  kills = 0;
  killsWhileStarting = 0;
  killsInRun = 0;
  runsAcknowledged = 0;
  checks = 0;
  scheduledRuns = 0;
  snapshots = { recorded: 0, stored: 0 };
  readonly startMs: number[] = [];
  readonly killedRuns = new Map<string, number>();

  constructor(seed: string, restic: string, root: string) {
    this.#seed = seed;
    this.#random = new SeededRandom(`${seed} kills`);
    this.#content = new SeededRandom(`${seed} content`);
    this.#restic = restic;
    this.#root = root;
  }

  get model(): ConfigModel {
    assert.ok(this.#learned !== undefined, 'the course was started');
    return this.#learned;
  }

  get #server(): ServeProcess {
    assert.ok(this.#started !== undefined, 'the course was started');
    return this.#started;
  }

  async start(): Promise<void> {
    this.#changeSource();
    this.#started = await startServeProcess(this.#data, serveOptions);
    const client = openClient(this.#server.url);
    await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
    this.#cookie = client.cookie;
    this.#token = (await client.account.createToken({ name: 'test', scope: 'admin', expiresInDays: 1 })).token;
    const storage = await client.storageServers.create({ name: 'Disk', options: { driver: 'local', path: this.#storage } });
    this.#storageServerId = storage.id;
    this.#repositoryPassword = (await client.storageServers.recoveryKey({ id: storage.id })).password;
    // One whose snapshots are removed as fast as they come, so that retention works, and one that keeps all.
    this.#byHandId = await this.#define(client, 'By hand', null, RetentionPolicy.parse({ keep_all_backups_for_days: 0 }));
    this.#everyMinuteId = await this.#define(client, 'Every minute', { cron: '* * * * *' }, RetentionPolicy.parse({}));
    this.#scheduledSinceMs = Date.now();
    this.#learned = await ConfigModel.learn(new SeededRandom(`${this.#seed} changes`), client);
    await this.#runOnce(client);
  }

  /** Kills it once in the middle of everything, starts it again and looks. */
  async killOnce(): Promise<void> {
    const client = this.#client();
    this.#isDying = false;
    const work = Promise.all([this.#configure(client), this.#keepRunning(client)]);
    work.catch(() => undefined); // it is thrown below
    await Promise.race([systemClock.sleep(this.#random.below(2_500)), work]);
    const alive = await this.#killNow();
    await work;
    if (this.#random.below(5) === 0) await this.#checkByRestic(alive);
    if (this.#random.below(6) === 0) await this.#killWhileStarting();
    await this.#restart();
    await this.#assertSignedIn();
    await this.#runOnce(this.#client());
  }

  /** Also keeps the session from ending of idleness, as a person does who uses it. */
  async #assertSignedIn(): Promise<void> {
    const session = openClient(this.#server.url, { cookie: this.#cookie });
    assert.equal((await session.account.me()).email, 'ada@example.org', 'who signed in before all the kills still is');
  }

  /** The schedule goes on after a start; all that is recorded is stored, and restic finds no fault. */
  async end(): Promise<void> {
    await this.#killNow();
    const nextMinuteMs = Math.ceil((Date.now() + 1) / minuteMs) * minuteMs;
    await systemClock.sleep(nextMinuteMs - Date.now() + 100);
    await this.#restart();
    const client = this.#client();
    await until('the backup of this minute runs', mostLateMs, async () => {
      const { items } = await client.runs.list({ backupId: this.#everyMinuteId, kind: 'backup', limit: 5 });
      return items.some(({ startedMs, outcome }) => (startedMs ?? 0) >= nextMinuteMs && outcome === 'succeeded');
    });
    await this.#assertEveryMinute(client);
    await this.#runOnce(client);
    await until('nothing runs', mostRunMs, async () => {
      const unended = await Promise.all((['running', 'queued'] as const).map(async (state) => await client.runs.list({ state })));
      return unended.every(({ items }) => items.length === 0);
    });
    await this.#assertSignedIn();
    const recorded = await listSnapshots(client);
    await this.#server.end('SIGTERM');
    assert.equal(this.#server.child.exitCode, 0, this.#server.output());
    assert.deepEqual(
      readdirSync(join(this.#storage, 'locks')).filter((name) => /^[0-9a-f]{64}$/.test(name)),
      [],
      'no lock is left',
    );
    const { stdout } = await this.#must(['snapshots', '--json']);
    const stored = new Set((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id));
    assert.deepEqual(
      recorded.filter((id) => !stored.has(id)),
      [],
      'what is recorded is stored',
    );
    await this.#must(['check', '--read-data']);
    this.snapshots = { recorded: recorded.length, stored: stored.size };
  }

  /** To be called whatever happened. */
  async close(): Promise<void> {
    await this.#started?.end('SIGKILL');
  }

  get #data(): string {
    return join(this.#root, 'data');
  }

  get #storage(): string {
    return join(this.#root, 'storage');
  }

  get #source(): string {
    return join(this.#root, 'source');
  }

  #client(): ApiClient {
    return openClient(this.#server.url, { authorization: `Bearer ${this.#token}` });
  }

  async #define(client: ApiClient, name: string, schedule: { cron: string } | null, retention: RetentionPolicy): Promise<string> {
    const source = { driver: 'files' as const, paths: [this.#source] };
    const config = { name, source, storageServerIds: [this.#storageServerId], schedule, timeZone: 'UTC', retention };
    return (await client.backups.create({ config })).id;
  }

  async #configure(client: ApiClient): Promise<void> {
    while (!this.#isDying) {
      try {
        await this.model.change(client);
      } catch (error) {
        if (this.#isDying && !isAnswer(error)) return;
        throw error;
      }
      await systemClock.sleep(this.#content.below(20));
    }
  }

  async #keepRunning(client: ApiClient): Promise<void> {
    while (!this.#isDying) {
      try {
        await this.#ask(client);
        await systemClock.sleep(100);
      } catch (error) {
        if (this.#isDying && !isAnswer(error)) return;
        if (!(error instanceof ORPCError && error.code === 'CONFLICT')) throw error;
        await systemClock.sleep(50);
      }
    }
  }

  /** Asks for a run of some kind; what the server confirms it must not forget. */
  async #ask(client: ApiClient): Promise<void> {
    this.#changeSource();
    const kind = this.#content.pick(['backup', 'backup', 'backup', 'prune', 'check'] as const);
    const run =
      kind === 'backup'
        ? await client.backups.run({ id: this.#byHandId })
        : await client.runs.startMaintenance({ kind, storageServerId: this.#storageServerId });
    this.#acknowledgedRuns.push(run.id);
    this.runsAcknowledged++;
  }

  /** Kills the server, and each time in two its runs too, as a machine or a container would that dies. Returns those that live on. */
  async #killNow(): Promise<number[]> {
    const { child } = this.#server;
    const runs = childrenOf(child.pid ?? 0);
    this.#isDying = true;
    assert.equal(child.exitCode, null, `the server ended by itself:\n${this.#server.output()}`);
    await this.#server.end('SIGKILL');
    this.kills++;
    if (runs.length > 0) this.killsInRun++;
    if (this.#random.below(2) === 0) for (const pid of runs) killHard(pid);
    return runs;
  }

  async #killWhileStarting(): Promise<void> {
    const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--data', this.#data, ...serveOptions], { stdio: 'ignore' });
    await systemClock.sleep(this.#random.below(2_000));
    const runs = childrenOf(child.pid ?? 0);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    for (const pid of runs) killHard(pid);
    this.kills++;
    this.killsWhileStarting++;
  }

  async #restart(): Promise<void> {
    const fromMs = Date.now();
    this.#started = await startServeProcess(this.#data, serveOptions);
    this.startMs.push(Date.now() - fromMs);
    const ready = await fetch(`${this.#server.url}/readyz`);
    assert.equal(ready.status, 200, await ready.text());
    const client = this.#client();
    await this.model.verify(client);
    const { items } = await client.runs.list({ state: 'running' });
    const stuck = items.filter(({ startedMs }) => (startedMs ?? 0) < fromMs);
    assert.deepEqual(stuck, [], 'no run of before is shown as running');
    for (const id of this.#acknowledgedRuns) {
      const run = await client.runs.get({ id });
      if (run.outcome !== 'interrupted') continue;
      this.killedRuns.set(run.kind, (this.killedRuns.get(run.kind) ?? 0) + 1);
    }
    this.#acknowledgedRuns = [];
  }

  /** A run by hand succeeds, without anybody's unlocking. */
  async #runOnce(client: ApiClient): Promise<void> {
    this.#changeSource();
    let run: RunSummary | undefined;
    await until('a run can be asked for', mostRunMs, async () => {
      try {
        run = await client.backups.run({ id: this.#byHandId });
        return true;
      } catch (error) {
        if (error instanceof ORPCError && error.code === 'CONFLICT') return false;
        throw error;
      }
    });
    const id = String(run?.id);
    await until('the run ends', mostRunMs, async () => (await client.runs.get({ id })).state === 'ended');
    const ended = await client.runs.get({ id });
    assert.equal(ended.outcome, 'succeeded', JSON.stringify([ended.outcome, ended.reasons, ended.error]));
  }

  /** restic finds no fault in what a kill left, once nobody works there any more. */
  async #checkByRestic(alive: readonly number[]): Promise<void> {
    await untilGone(alive, 20_000);
    await this.#must(['check', '--no-lock']);
    this.checks++;
  }

  async #must(words: readonly string[]): Promise<{ readonly stdout: string }> {
    const env = { RESTIC_PASSWORD: this.#repositoryPassword };
    const outcome = await runProgram(this.#restic, [...words, '-r', this.#storage, '--no-cache'], { env });
    assert.equal(outcome.code, 0, `restic ${words.join(' ')}:\n${outcome.stdout}${outcome.stderr}`);
    return outcome;
  }

  /** There is a run for each minute that passed, however often the server died in it. */
  async #assertEveryMinute(client: ApiClient): Promise<void> {
    const startedMs: number[] = [];
    for (let after: string | undefined; ; ) {
      const page = { backupId: this.#everyMinuteId, kind: 'backup' as const, limit: 200, ...(after === undefined ? {} : { after }) };
      const { items, next } = await client.runs.list(page);
      for (const run of items) if (run.startedMs !== null) startedMs.push(run.startedMs);
      if (next === null) break;
      after = next;
    }
    for (let minute = Math.ceil(this.#scheduledSinceMs / minuteMs) * minuteMs; minute <= Date.now() - mostLateMs; minute += minuteMs) {
      const isThere = startedMs.some((ms) => ms >= minute && ms < minute + minuteMs + mostLateMs);
      assert.ok(isThere, `no run for ${new Date(minute).toISOString()}`);
    }
    this.scheduledRuns = startedMs.length;
  }

  #changeSource(): void {
    for (let index = 0; index < 6; index++) {
      const directory = join(this.#source, `d${this.#content.below(3)}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `f${this.#content.below(20)}`), this.#content.bytes(this.#content.pick([100, 20_000, 400_000])));
    }
  }
}

async function listSnapshots(client: ApiClient): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await client.snapshots.list({ limit: 200, ...(after === undefined ? {} : { after }) });
    ids.push(...items.map(({ snapshotId }) => snapshotId));
    if (next === null) return ids;
    after = next;
  }
}

/** Whether the server itself said so, and the connection did not just break. */
function isAnswer(error: unknown): boolean {
  return error instanceof ORPCError && typeof error.data === 'object' && error.data !== null && 'requestId' in error.data;
}

async function until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) assert.fail(`within ${withinMs} ms it did not come to be: ${what}`);
    await systemClock.sleep(50);
  }
}
