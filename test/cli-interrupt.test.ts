import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemRandom } from '@holdfast/kernel';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';

let root = '';
let seed = '';
const env = (): Readonly<Record<string, string>> => ({
  HOLDFAST_PASSWORD: 'interrupted',
  HOLDFAST_FROM_PASSWORD: 'interrupted',
  RESTIC_PASSWORD: 'interrupted',
  RESTIC_CACHE_DIR: join(root, 'cache'),
});

async function succeed(words: readonly string[]): Promise<void> {
  const outcome = await runHoldfast(words, { env: env() });
  assert.equal(outcome.code, 0, outcome.stderr);
}

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-interrupt-'));
  seed = join(root, 'seed');
  mkdirSync(join(root, 'source'));
  await succeed(['init', '-r', seed]);
  for (let round = 0; round < 2; round++) {
    // Half of the files change, so that a prune has packs to repack.
    for (let i = 0; i < 6; i += 1 + round) writeFileSync(join(root, 'source', `f${i}`), systemRandom.bytes(2_000_000));
    await succeed(['backup', '-r', seed, join(root, 'source')]);
  }
  await succeed(['forget', '-r', seed, '--keep-last', '1']);
  writeFileSync(join(root, 'source', 'new'), systemRandom.bytes(30_000_000));
});

after(() => rmSync(root, { recursive: true, force: true }));

/** Slow enough to be met in the middle. */
const slow = ['--limit-upload', '2000', '--limit-download', '2000'];
const works: Readonly<Record<string, (repository: string) => readonly string[]>> = {
  backup: (repository) => ['backup', '-r', repository, ...slow, join(root, 'source')],
  restore: (repository) => ['restore', 'latest', '-r', repository, ...slow, '--target', join(root, 'target')],
  check: (repository) => ['check', '--read-data', '-r', repository, ...slow],
  prune: (repository) => ['prune', '-r', repository, ...slow, '--max-unused', '0', '--repack-small'],
  copy: (repository) => ['copy', '-r', repository, '--from-repo', seed, ...slow],
};

/** Interrupts it in the middle: when its lock is there and some work has been done. Returns when that was. */
async function interrupt(child: ChildProcess, repository: string, times: number): Promise<number> {
  while (readdirSync(join(repository, 'locks')).length === 0) await sleep(20);
  await sleep(900);
  for (let time = 0; time < times; time++) child.kill('SIGINT');
  return performance.now();
}

for (const [name, words] of Object.entries(works)) {
  for (const times of [1, 2]) {
    test(`${name}, interrupted ${times === 1 ? 'once' : 'twice'}, ends soon with 130, leaves no lock and nothing half-written`, async (t) => {
      const restic = needRestic(t);
      const repository = join(root, `${name}-${times}`);
      if (name === 'copy') await succeed(['init', '-r', repository]);
      else cpSync(seed, repository, { recursive: true });
      let interruptedAtMs: Promise<number> | undefined;
      const outcome: Outcome = await runHoldfast(words(repository), {
        env: env(),
        onStart: (child) => {
          interruptedAtMs = interrupt(child, repository, times);
        },
      });
      assert.equal(outcome.code, 130, outcome.stderr);
      assert.ok(performance.now() - ((await interruptedAtMs) ?? 0) < 5000, 'takes more than five seconds');
      const left = readdirSync(repository, { recursive: true, encoding: 'utf8' }).filter((path) => /-tmp-/.test(path));
      if (times === 1) {
        assert.deepEqual(left, []);
        assert.deepEqual(readdirSync(join(repository, 'locks')), []);
        assert.match(outcome.stderr, /Stopped by SIGINT/);
      }
      await succeed(['check', '--read-data', '-r', repository]); // also takes a dead lock away
      if (restic === undefined) return;
      const theirs = await runProgram(restic, ['check', '--read-data', '--no-cache', '-r', repository], { env: env() });
      assert.equal(theirs.code, 0, theirs.stderr);
    });
  }
}
