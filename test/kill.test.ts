import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { initCheaply } from './support/cheap-repository.ts';
import { compareTrees } from './support/compare-trees.ts';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';
import { SeededRandom } from './support/seeded-random.ts';

const kills = Number(process.env['HOLDFAST_KILLS'] ?? '2');
const seed = process.env['HOLDFAST_KILL_SEED'] ?? 'killed at any moment';
const env = { HOLDFAST_PASSWORD: 'p', RESTIC_PASSWORD: 'p', HOLDFAST_FROM_PASSWORD: 'p', RESTIC_FROM_PASSWORD: 'p' };

const verbs = ['backup', 'forget', 'prune', 'copy'] as const;
type Verb = (typeof verbs)[number];

/** Runs verbs on a repository and kills them; after each kill the repository must be sound and must need no hand to go on. */
class KillCourse {
  readonly #random: SeededRandom;
  readonly #restic: string;
  readonly #root: string;
  readonly #truth = new Map<string, string>();
  /** How long each verb takes when it is left alone, in ms: kills fall within it. */
  readonly #durationMs = new Map<Verb, number>();
  killed = 0;
  leftLock = 0;

  constructor(random: SeededRandom, restic: string, root: string) {
    this.#random = random;
    this.#restic = restic;
    this.#root = root;
  }

  get #repository(): string {
    return join(this.#root, 'repository');
  }

  get #copy(): string {
    return join(this.#root, 'copy');
  }

  get #source(): string {
    return join(this.#root, 'source');
  }

  async start(): Promise<void> {
    mkdirSync(join(this.#root, 'truth'));
    await initCheaply(this.#copy, 'p', await initCheaply(this.#repository, 'p'));
    for (let i = 0; i < 3; i++) {
      this.#change();
      await this.#must(this.#run('backup'));
      await this.#learn();
    }
    for (const verb of verbs) {
      const startMs = performance.now();
      this.#change();
      await this.#must(this.#run(verb));
      this.#durationMs.set(verb, performance.now() - startMs);
      await this.#learn();
    }
  }

  async killOnce(): Promise<void> {
    const verb = this.#random.pick(verbs);
    if (verb === 'backup') this.#change();
    const afterMs = this.#random.below(Math.ceil((this.#durationMs.get(verb) ?? 1000) * 1.05));
    let timer: NodeJS.Timeout | undefined;
    const outcome = await this.#run(verb, (child) => {
      timer = setTimeout(() => void child.kill('SIGKILL'), afterMs);
    });
    clearTimeout(timer);
    if (outcome.signal === 'SIGKILL') this.killed += 1;
    await this.#sound(`${verb} killed after ${afterMs} ms`);
  }

  /** restic finds no error, every snapshot that was there restores, and the next runs need no unlock. */
  async #sound(what: string): Promise<void> {
    const locks =
      (await runProgram('ls', [join(this.#repository, 'locks'), join(this.#copy, 'locks')])).stdout.match(/[0-9a-f]{64}/g) ?? [];
    if (locks.length > 0) this.leftLock += 1;
    for (const repository of [this.#repository, this.#copy]) {
      await this.#must(runProgram(this.#restic, ['check', '-r', repository, '--no-lock', '--no-cache'], { env }), what);
    }
    await this.#learn();
    const id = this.#random.pick([...this.#truth.keys()]);
    await this.#restores(id, what);
    this.#change();
    await this.#must(this.#run('backup'), `backup after ${what}`);
    await this.#learn();
  }

  async #restores(id: string, what: string): Promise<void> {
    const target = join(this.#root, 'restored');
    await this.#must(runHoldfast(['restore', '-r', this.#repository, id, '--target', target], { env }), what);
    assert.deepEqual(compareTrees(Buffer.from(this.#truth.get(id) as string), Buffer.from(join(target, this.#source)), {}), [], what);
    rmSync(target, { recursive: true });
  }

  async restoreAll(): Promise<void> {
    for (const repository of [this.#repository, this.#copy]) {
      // Ours first: it removes the lock that a killed run left, so that restic finds the repository free.
      await this.#must(runHoldfast(['check', '-r', repository], { env }), 'our check at the end');
      await this.#must(runProgram(this.#restic, ['check', '-r', repository, '--read-data', '--no-cache'], { env }), 'at the end');
    }
    for (const id of this.#truth.keys()) await this.#restores(id, 'at the end');
  }

  #run(
    verb: Verb,
    onStart?: Parameters<typeof runHoldfast>[1] extends infer O ? (O extends { onStart?: infer S } ? S : never) : never,
  ): Promise<Outcome> {
    const options = onStart === undefined ? { env } : { env, onStart };
    if (verb === 'backup') return runHoldfast(['backup', '-r', this.#repository, this.#source], options);
    if (verb === 'forget')
      return runHoldfast(['forget', '-r', this.#repository, '--keep-last', '3', '--prune', '--max-unused', '0'], options);
    if (verb === 'prune') return runHoldfast(['prune', '-r', this.#repository, '--max-unused', '0'], options);
    return runHoldfast(['copy', '-r', this.#copy, '--from-repo', this.#repository], options);
  }

  /** Keeps the truth of new snapshots and drops that of those that are gone: only forget may have taken them, and it keeps three. */
  async #learn(): Promise<void> {
    const { stdout } = await this.#must(
      runProgram(this.#restic, ['snapshots', '-r', this.#repository, '--json', '--no-lock', '--no-cache'], { env }),
    );
    const ids = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
    assert.ok(ids.length >= Math.min(3, this.#truth.size), 'the newest three snapshots are never lost');
    for (const id of ids) {
      if (this.#truth.has(id)) continue;
      const kept = join(this.#root, 'truth', id);
      await runProgram('cp', ['-aT', this.#source, kept]);
      this.#truth.set(id, kept);
    }
    for (const [id, kept] of this.#truth) {
      if (ids.includes(id)) continue;
      rmSync(kept, { recursive: true });
      this.#truth.delete(id);
    }
  }

  #change(): void {
    for (let i = 0; i < 25; i++) {
      const directory = join(this.#source, `d${this.#random.below(6)}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `f${this.#random.below(30)}`), this.#random.bytes(this.#random.pick([100, 20_000, 900_000])));
    }
  }

  async #must(run: Promise<Outcome>, what = ''): Promise<Outcome> {
    const outcome = await run;
    assert.equal(outcome.code, 0, `${what}:\n${outcome.stdout}${outcome.stderr}`);
    return outcome;
  }
}

test(`F26 lock-after-kill: ${kills} kills at random moments lose nothing and need no unlock (seed "${seed}")`, {
  timeout: 7_200_000,
}, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
  try {
    const course = new KillCourse(new SeededRandom(seed), restic, root);
    await course.start();
    while (course.killed < kills) await course.killOnce();
    await course.restoreAll();
    t.diagnostic(`${course.killed} runs were killed in flight, ${course.leftLock} of them left a lock`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
