import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareTrees, type Difference } from './support/compare-trees.ts';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';
import { makeTortureTree } from './support/torture-tree.ts';

// The full torture has a sparse file of 3 GiB and 10 000 entries in one directory: HOLDFAST_TORTURE=full.
const isFull = process.env['HOLDFAST_TORTURE'] === 'full';
const size = isFull ? {} : { sparseBytes: 200 * 2 ** 20, wideEntries: 1500 };
const password = { RESTIC_PASSWORD: 'p', HOLDFAST_PASSWORD: 'p' };

/** The source and what is restored have paths of the same length, so that the deepest path fits both. */
class Torture {
  readonly root: string;
  readonly source: string;
  readonly target: string;
  readonly repository: string;
  readonly #restic: string;

  constructor(restic: string) {
    this.#restic = restic;
    this.root = mkdtempSync(join(tmpdir(), 'holdfast-torture-'));
    this.source = join(this.root, 'source');
    this.target = join(this.root, 'target');
    this.repository = join(this.root, 'repository');
  }

  restic(zone: string, ...arguments_: readonly string[]): Promise<Outcome> {
    return succeed(
      runProgram(this.#restic, ['-r', this.repository, '--no-cache', ...arguments_], { env: { ...password, TZ: zone }, cwd: this.root }),
    );
  }

  holdfast(zone: string, verb: string, ...arguments_: readonly string[]): Promise<Outcome> {
    return succeed(runHoldfast([verb, '-r', this.repository, ...arguments_], { env: { ...password, TZ: zone }, cwd: this.root }));
  }

  async trees(): Promise<Map<string, { id: string; tree: string }>> {
    const { stdout } = await this.restic('UTC', 'snapshots', '--json');
    const snapshots = JSON.parse(stdout) as { id: string; tree: string; hostname: string }[];
    return new Map(snapshots.map(({ id, tree, hostname }) => [hostname, { id, tree }]));
  }

  differences(): Difference[] {
    const found = compareTrees(Buffer.from(this.source), Buffer.from(this.target));
    rmSync(this.target, { recursive: true });
    return found;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function succeed(run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome;
}

test('a tree of everything has the same tree ID as with restic, and restores the same both ways', { timeout: 1_200_000 }, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using torture = new Torture(restic);
  await makeTortureTree(torture.source, size);
  await torture.holdfast('UTC', 'init');
  // A relative target: the directories above it are not stored, and others may change those meanwhile.
  for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns']) {
    await torture.holdfast(zone, 'backup', '--host', `ours-${zone}`, 'source');
    await torture.restic(zone, 'backup', '-q', '--host', `theirs-${zone}`, '--force', 'source');
    await torture.holdfast(zone, 'backup', '--host', `theirs-${zone}`, 'source'); // unchanged against restic's parent
  }
  const trees = await torture.trees();
  for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns']) {
    assert.equal(trees.get(`ours-${zone}`)?.tree, trees.get(`theirs-${zone}`)?.tree, `the tree IDs in ${zone}`);
  }
  await torture.restic('UTC', 'check', '--read-data');
  const ours = `${trees.get('ours-UTC')?.id}:source`;
  const theirs = `${trees.get('theirs-Europe/Berlin')?.id}:source`;
  mkdirSync(torture.target);
  await torture.restic('UTC', 'restore', '-q', ours, '--target', torture.target);
  // restic does not link symbolic links to each other again; everything else must be the same.
  const unlinked = torture.differences().filter(({ path, aspect }) => !(aspect === 'hard-links' && path.toString() === 'links/relative'));
  assert.deepEqual(unlinked, [], 'ours, restored by restic');
  await torture.holdfast('UTC', 'restore', theirs, '--target', torture.target);
  assert.deepEqual(torture.differences(), [], "restic's, restored by us");
  await torture.holdfast('UTC', 'restore', ours, '--target', torture.target, '--sparse', '--verify');
  assert.deepEqual(torture.differences(), [], 'ours, restored by us as sparse files, and verified');
});
