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

const steps = Number(process.env['HOLDFAST_LIFE_STEPS'] ?? '10');
const seed = process.env['HOLDFAST_LIFE_SEED'] ?? 'a life shared with restic';

type Program = 'holdfast' | 'restic';

/** One repository, used by both programs in turn, with the truth kept beside it: which snapshots there are and what was in them. */
class SharedLife {
  readonly #random: SeededRandom;
  readonly #restic: string;
  readonly #root: string;
  readonly #snapshots = new Map<string, string>();
  readonly #passwords = new Map<string, string>([['first', '']]);
  /** The key to try first: those that are added are as costly to try as real ones. */
  #firstKey: string | undefined;
  #copies = 0;
  readonly log: string[] = [];

  constructor(random: SeededRandom, restic: string, root: string) {
    this.#random = random;
    this.#restic = restic;
    this.#root = root;
  }

  get #repository(): string {
    return join(this.#root, 'repository');
  }

  get #source(): string {
    return join(this.#root, 'source');
  }

  async start(): Promise<void> {
    mkdirSync(this.#source);
    await initCheaply(this.#repository, 'first');
    this.#firstKey = (await this.#keys())[0];
    this.#change();
  }

  async step(): Promise<void> {
    const program = this.#random.pick(['holdfast', 'restic'] as const);
    const verb = this.#random.pick(['backup', 'backup', 'backup', 'forget', 'prune', 'tag', 'copy', 'check', 'key'] as const);
    this.log.push(`${program} ${verb}`);
    await this[verb](program);
    await this.#agree();
  }

  async backup(program: Program): Promise<void> {
    this.#change();
    await this.#must(program, ['backup', '-r', this.#repository, this.#source]);
    const known = new Set(this.#snapshots.keys());
    const added = (await this.#list()).filter((id) => !known.has(id));
    assert.equal(added.length, 1, 'a backup makes one snapshot');
    const kept = join(this.#root, 'truth', added[0] as string);
    mkdirSync(join(this.#root, 'truth'), { recursive: true });
    await runProgram('cp', ['-a', this.#source, kept]);
    this.#snapshots.set(added[0] as string, kept);
  }

  async forget(program: Program): Promise<void> {
    if (this.#snapshots.size < 3) return;
    const id = this.#random.pick([...this.#snapshots.keys()]);
    await this.#must(program, ['forget', '-r', this.#repository, id]);
    this.#drop(id);
  }

  async prune(program: Program): Promise<void> {
    await this.#must(program, ['prune', '-r', this.#repository, '--max-unused', this.#random.pick(['0', '5%', 'unlimited'])]);
  }

  async tag(program: Program): Promise<void> {
    const id = this.#random.pick([...this.#snapshots.keys(), 'none']);
    if (id === 'none') return;
    await this.#must(program, ['tag', '-r', this.#repository, '--add', `tag${this.#random.below(5)}`, id]);
    const now = await this.#list();
    const renamed = now.filter((each) => !this.#snapshots.has(each));
    const gone = [...this.#snapshots.keys()].filter((each) => !now.includes(each));
    assert.deepEqual(gone, renamed.length === 0 ? [] : [id]);
    if (renamed[0] !== undefined) {
      this.#snapshots.set(renamed[0], this.#snapshots.get(id) as string);
      this.#snapshots.delete(id);
    }
  }

  async copy(program: Program): Promise<void> {
    if (this.#snapshots.size === 0) return;
    const target = join(this.#root, `copy${this.#copies++}`);
    const id = this.#random.pick([...this.#snapshots.keys()]);
    const from = ['--from-repo', this.#repository];
    await this.#must(program, ['init', '-r', target, ...from, '--copy-chunker-params']);
    await this.#must(program, ['copy', '-r', target, ...from, id]);
    await this.#must('restic', ['check', '-r', target, '--read-data']);
    await this.#must('holdfast', ['check', '-r', target, '--read-data']);
    rmSync(target, { recursive: true });
  }

  async check(program: Program): Promise<void> {
    await this.#must(program, ['check', '-r', this.#repository, '--read-data']);
  }

  async key(program: Program): Promise<void> {
    const extra = [...this.#passwords.keys()].filter((name) => name !== 'first');
    if (extra.length > 0 && this.#random.below(2) === 0) {
      const name = this.#random.pick(extra);
      await this.#must(program, ['key', 'remove', '-r', this.#repository, this.#passwords.get(name) as string]);
      this.#passwords.delete(name);
      return;
    }
    const name = `password${this.#random.below(1_000_000)}`;
    const file = join(this.#root, name);
    writeFileSync(file, name);
    const before = await this.#keys();
    await this.#must(program, ['key', 'add', '-r', this.#repository, '--new-password-file', file]);
    const added = (await this.#keys()).filter((id) => !before.includes(id));
    assert.equal(added.length, 1);
    this.#passwords.set(name, added[0] as string);
  }

  /** Both programs find the repository sound and see the same snapshots. */
  async #agree(): Promise<void> {
    await this.#must('restic', ['check', '-r', this.#repository, '--read-data']);
    await this.#must('holdfast', ['check', '-r', this.#repository, '--read-data']);
    assert.deepEqual((await this.#list()).sort(), [...this.#snapshots.keys()].sort());
    const theirs = JSON.parse((await this.#must('holdfast', ['snapshots', '-r', this.#repository, '--json'])).stdout) as { id: string }[];
    assert.deepEqual(theirs.map(({ id }) => id).sort(), [...this.#snapshots.keys()].sort());
  }

  /** Every snapshot that is left restores to what it was, by either program. */
  async restoreAll(): Promise<void> {
    let i = 0;
    for (const [id, truth] of this.#snapshots) {
      const target = join(this.#root, 'restored');
      await this.#must(i++ % 2 === 0 ? 'holdfast' : 'restic', ['restore', '-r', this.#repository, id, '--target', target]);
      assert.deepEqual(compareTrees(Buffer.from(truth), Buffer.from(join(target, this.#source)), {}), []);
      rmSync(target, { recursive: true });
    }
  }

  #drop(id: string): void {
    rmSync(this.#snapshots.get(id) as string, { recursive: true, force: true });
    this.#snapshots.delete(id);
  }

  /** Changes, adds and removes files; content repeats now and then, so that there is something to deduplicate. */
  #change(): void {
    for (let i = 0; i < 4 + this.#random.below(8); i++) {
      const directory = join(this.#source, `d${this.#random.below(5)}`);
      mkdirSync(directory, { recursive: true });
      const file = join(directory, `f${this.#random.below(12)}`);
      const size = this.#random.pick([0, 10, 5000, 70_000, 1_500_000]);
      if (this.#random.below(5) === 0) rmSync(file, { force: true });
      else writeFileSync(file, new SeededRandom(`content ${this.#random.below(40)}`).bytes(size));
    }
  }

  async #list(): Promise<string[]> {
    const { stdout } = await this.#must('restic', ['snapshots', '-r', this.#repository, '--json']);
    return (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
  }

  async #keys(): Promise<string[]> {
    const { stdout } = await runProgram('ls', [join(this.#repository, 'keys')]);
    return stdout.trim().split('\n');
  }

  async #must(program: Program, arguments_: readonly string[]): Promise<Outcome> {
    const env = {
      RESTIC_PASSWORD: 'first',
      RESTIC_FROM_PASSWORD: 'first',
      RESTIC_KEY_HINT: this.#firstKey ?? '',
      HOLDFAST_FROM_PASSWORD: 'first',
      RESTIC_CACHE_DIR: join(this.#root, 'cache'),
    };
    const outcome = program === 'restic' ? await runProgram(this.#restic, arguments_, { env }) : await runHoldfast(arguments_, { env });
    assert.equal(outcome.code, 0, `${program} ${arguments_.join(' ')} after ${this.log.join(', ')}:\n${outcome.stdout}${outcome.stderr}`);
    return outcome;
  }
}

test(`a repository used by Holdfast and restic in turn stays sound (${steps} steps, seed "${seed}")`, { timeout: 7_200_000 }, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'holdfast-life-'));
  try {
    const life = new SharedLife(new SeededRandom(seed), restic, root);
    await life.start();
    await life.backup('holdfast');
    for (let i = 0; i < steps; i++) await life.step();
    await life.restoreAll();
    t.diagnostic(life.log.join(', '));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
