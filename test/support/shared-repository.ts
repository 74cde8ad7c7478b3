import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initCheaply } from './cheap-repository.ts';
import { compareTrees, showDifferences } from './compare-trees.ts';
import { type Outcome, runHoldfast, runProgram } from './program.ts';
import type { SeededRandom } from './seeded-random.ts';

const verbs = ['backup', 'backup', 'backup', 'forget', 'prune', 'tag', 'check', 'copyFrom', 'copyTo', 'keyAdd', 'keyRemove'] as const;
const lockedCode = 11;
const keptByForget = 2;

interface Run {
  readonly arguments: readonly string[];
  /** What the model learns when the run succeeds. Run after the round, when nothing else is under way. */
  readonly learn?: (outcome: Outcome) => Promise<void> | void;
}

interface Listed {
  readonly id: string;
  readonly original?: string;
  readonly paths: readonly string[];
}

/** Who works on the repository: a program with files, tags, keys and another repository of its own. */
interface Manager {
  readonly program: 'holdfast' | 'restic';
  readonly source: string;
  readonly foreignSource: string;
  readonly foreign: string;
  /** Its snapshots in the shared repository, oldest first, each by the ID that it had at first. */
  own: string[];
  /** Snapshots of its other repository, and those of them that are copied. */
  foreignIds: string[];
  copied: Set<string>;
  readonly keys: { readonly id: string; readonly file: string }[];
}

/** One repository on which several programs work at the same time, with a model of what must be in it after each round. */
export class SharedRepository {
  readonly counts = new Map<string, number>();
  succeeded = 0;
  refused = 0;
  readonly #random: SeededRandom;
  readonly #restic: string;
  readonly #root: string;
  readonly #managers: Manager[];
  /** Where the content of a snapshot is kept, by the ID that it had at first. */
  readonly #truth = new Map<string, string>();
  readonly #inCopy = new Set<string>();
  #listed: Listed[] = [];
  #steps = 0;

  private constructor(random: SeededRandom, restic: string, root: string) {
    this.#random = random;
    this.#restic = restic;
    this.#root = root;
    this.#managers = (['holdfast', 'holdfast', 'restic'] as const).map((program, i) => ({
      program,
      source: join(root, `source${i}`),
      foreignSource: join(root, `foreign-source${i}`),
      foreign: join(root, `foreign${i}`),
      own: [],
      foreignIds: [],
      copied: new Set(),
      keys: [],
    }));
  }

  static async make(random: SeededRandom, restic: string, root: string): Promise<SharedRepository> {
    const shared = new SharedRepository(random, restic, root);
    const polynomial = await initCheaply(shared.#repository, 'p');
    await initCheaply(shared.#copy, 'p', polynomial);
    for (const manager of shared.#managers) await initCheaply(manager.foreign, 'p', polynomial);
    return shared;
  }

  get #repository(): string {
    return join(this.#root, 'repository');
  }

  get #copy(): string {
    return join(this.#root, 'copy');
  }

  /** Both Holdfasts, and restic if it is to take part, run a verb at the same time; then everything must be as the model says. */
  async round(withRestic: boolean): Promise<void> {
    const taking = this.#managers.filter(({ program }) => withRestic || program === 'holdfast');
    const runs: { readonly manager: Manager; readonly verb: string; readonly run: Run; readonly afterMs: number }[] = [];
    for (const manager of taking) {
      const verb = manager.own.length === 0 ? 'backup' : this.#random.pick(verbs);
      const run = await this[verb](manager);
      const waits = this.#random.below(4) === 0 ? ['--retry-lock', '3s'] : [];
      runs.push({ manager, verb, run: { ...run, arguments: [...run.arguments, ...waits] }, afterMs: this.#random.below(400) });
    }
    const what = runs.map(({ manager, verb }) => `${manager.program} ${verb}`).join(' + ');
    const outcomes = await Promise.all(
      runs.map(async ({ manager, run, afterMs }) => {
        await sleep(afterMs);
        return this.#start(manager.program, run.arguments);
      }),
    );
    this.#listed = await this.#list(this.#repository);
    for (const [i, { manager, verb, run }] of runs.entries()) {
      const outcome = outcomes[i] as Outcome;
      const said = `${what}, ${manager.program} ${run.arguments.join(' ')}:\n${outcome.stdout}${outcome.stderr}`;
      assert.ok(outcome.code === 0 || outcome.code === lockedCode, `exit code ${outcome.code} of ${said}`);
      const ended = outcome.code === 0 ? 'succeeded' : 'refused';
      this[ended] += 1;
      this.counts.set(`${manager.program} ${verb} ${ended}`, (this.counts.get(`${manager.program} ${verb} ${ended}`) ?? 0) + 1);
      if (outcome.code === 0) await run.learn?.(outcome);
    }
    await this.#agrees(what);
  }

  /** All data of both repositories is whole, for both programs, and no lock is left. */
  async end(): Promise<void> {
    for (const repository of [this.#repository, this.#copy]) {
      for (const program of ['holdfast', 'restic'] as const)
        await this.#must(program, ['check', '-r', repository, '--read-data'], `${program} at the end`);
      assert.deepEqual(readdirSync(join(repository, 'locks')), []);
    }
    for (const id of this.#expected()) await this.#restores(this.#repository, id, 'at the end');
    for (const id of this.#inCopy) await this.#restores(this.#copy, id, 'from the copy');
  }

  backup(manager: Manager): Run {
    this.#change(manager.source);
    const known = new Set(manager.own);
    return {
      arguments: ['backup', '-r', this.#repository, manager.source],
      learn: async () => {
        const added = this.#listed.filter((each) => each.paths[0] === manager.source && !known.has(firstId(each)));
        assert.equal(added.length, 1, 'a backup that succeeds makes one snapshot');
        const id = firstId(added[0] as Listed);
        manager.own.push(id);
        await this.#remember(id, manager.source);
      },
    };
  }

  forget(manager: Manager): Run {
    const keep = ['--keep-last', String(keptByForget), '--path', manager.source];
    return {
      arguments: ['forget', '-r', this.#repository, ...keep, '--prune', '--max-unused', '0'],
      learn: () => {
        manager.own = manager.own.slice(-keptByForget);
      },
    };
  }

  prune(): Run {
    return { arguments: ['prune', '-r', this.#repository, '--max-unused', this.#random.pick(['0', '5%', 'unlimited'])] };
  }

  tag(manager: Manager): Run {
    const id = this.#idOf(this.#random.pick(manager.own));
    return { arguments: ['tag', '-r', this.#repository, '--add', `tag${this.#steps++}`, id] };
  }

  check(): Run {
    return { arguments: ['check', '-r', this.#repository] };
  }

  async copyFrom(manager: Manager): Promise<Run> {
    this.#change(manager.foreignSource);
    await this.#must('holdfast', ['backup', '-r', manager.foreign, manager.foreignSource]);
    const listed = (await this.#list(manager.foreign)).map(firstId);
    const added = listed.find((id) => !manager.foreignIds.includes(id));
    assert.ok(added !== undefined);
    await this.#remember(added, manager.foreignSource);
    manager.foreignIds = listed;
    return {
      arguments: ['copy', '-r', this.#repository, '--from-repo', manager.foreign],
      learn: () => {
        manager.copied = new Set(listed);
      },
    };
  }

  copyTo(manager: Manager): Run {
    const { own } = manager;
    return {
      arguments: ['copy', '-r', this.#copy, '--from-repo', this.#repository, '--path', manager.source],
      learn: () => {
        for (const id of own) this.#inCopy.add(id);
      },
    };
  }

  keyAdd(manager: Manager): Run {
    if (manager.keys.length >= 2) return this.keyRemove(manager);
    const file = join(this.#root, `password${this.#steps++}`);
    writeFileSync(file, file);
    return {
      arguments: ['key', 'add', '-r', this.#repository, '--new-password-file', file],
      learn: ({ stdout }) => {
        const id = /saved new key with ID (\w+)/.exec(stdout)?.[1];
        assert.ok(id !== undefined, stdout);
        manager.keys.push({ id, file });
      },
    };
  }

  keyRemove(manager: Manager): Run {
    const key = manager.keys.at(-1);
    if (key === undefined) return this.keyAdd(manager);
    return {
      arguments: ['key', 'remove', '-r', this.#repository, key.id],
      learn: () => void manager.keys.pop(),
    };
  }

  async #agrees(what: string): Promise<void> {
    await this.#must('restic', ['check', '-r', this.#repository, '--no-lock'], `after ${what}`);
    await this.#must('restic', ['check', '-r', this.#copy, '--no-lock'], `after ${what}`);
    assert.deepEqual(new Set(this.#listed.map(firstId)), new Set(this.#expected()), `the snapshots after ${what}`);
    const copied = new Set((await this.#list(this.#copy)).map(firstId));
    for (const id of this.#inCopy) assert.ok(copied.has(id), `the copy lost a snapshot after ${what}`);
    await this.#restores(this.#repository, this.#random.pick(this.#expected()), what);
    const keys = this.#managers.flatMap((manager) => manager.keys);
    const files = readdirSync(join(this.#repository, 'keys'));
    assert.equal(files.length, keys.length + 1, `the keys after ${what}`);
    for (const { id } of keys) assert.ok(files.includes(id), `a key was lost after ${what}`);
    if (keys.length > 0)
      await this.#must('restic', ['cat', 'config', '-r', this.#repository, '--no-lock', '-p', this.#random.pick(keys).file], what);
  }

  #expected(): string[] {
    return this.#managers.flatMap(({ own, copied }) => [...own, ...copied]);
  }

  /** The ID that a snapshot has now, which may have got tags meanwhile. */
  #idOf(first: string): string {
    const found = this.#listed.find((each) => firstId(each) === first);
    assert.ok(found !== undefined);
    return found.id;
  }

  async #remember(id: string, source: string): Promise<void> {
    const kept = join(this.#root, 'truth', id);
    mkdirSync(join(this.#root, 'truth'), { recursive: true });
    await runProgram('cp', ['-aT', source, kept]);
    this.#truth.set(id, kept);
  }

  async #restores(repository: string, first: string, what: string): Promise<void> {
    const found = (await this.#list(repository)).find((each) => firstId(each) === first);
    const target = join(this.#root, 'restored');
    await this.#must('holdfast', ['restore', '-r', repository, found?.id ?? first, '--target', target, '--no-lock'], what);
    const [truth, restored] = [this.#truth.get(first) ?? '', join(target, found?.paths[0] ?? '')];
    assert.equal(showDifferences(compareTrees(Buffer.from(truth), Buffer.from(restored))), '', what);
    rmSync(target, { recursive: true });
  }

  /** Files of all managers have much content in common, so that what one stores the others refer to. */
  #change(source: string): void {
    mkdirSync(source, { recursive: true });
    for (let i = 0; i < 8; i++) {
      const content = Buffer.alloc(this.#random.pick([100, 30_000, 400_000]), `content ${this.#random.below(12)} `);
      writeFileSync(join(source, `f${this.#random.below(20)}`), content);
    }
    writeFileSync(join(source, 'new'), this.#random.bytes(50_000));
  }

  async #list(repository: string): Promise<Listed[]> {
    return JSON.parse((await this.#must('restic', ['snapshots', '-r', repository, '--json', '--no-lock'])).stdout) as Listed[];
  }

  async #must(program: 'holdfast' | 'restic', arguments_: readonly string[], what = ''): Promise<Outcome> {
    const outcome = await this.#start(program, arguments_);
    assert.equal(outcome.code, 0, `${program} ${arguments_.join(' ')} ${what}:\n${outcome.stdout}${outcome.stderr}`);
    return outcome;
  }

  #start(program: 'holdfast' | 'restic', arguments_: readonly string[]): Promise<Outcome> {
    const env = { HOLDFAST_PASSWORD: 'p', RESTIC_PASSWORD: 'p', HOLDFAST_FROM_PASSWORD: 'p', RESTIC_FROM_PASSWORD: 'p' };
    return program === 'restic' ? runProgram(this.#restic, [...arguments_, '--no-cache'], { env }) : runHoldfast(arguments_, { env });
  }
}

function firstId({ id, original }: Listed): string {
  return original ?? id;
}
