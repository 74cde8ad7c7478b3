import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Secret, systemRandom } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { Sealer } from '../packages/engine/src/crypto/sealer.ts';
import { Repository } from '../packages/engine/src/repository/repository.ts';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';

let root = '';
let seed = '';
let number = 0;
const env = (): Readonly<Record<string, string>> => ({
  HOLDFAST_PASSWORD: 'bad input',
  RESTIC_PASSWORD: 'bad input',
  RESTIC_CACHE_DIR: join(root, 'cache'),
});

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-bad-'));
  seed = join(root, 'seed');
  mkdirSync(join(root, 'source', 'below'), { recursive: true });
  writeFileSync(join(root, 'source', 'file'), systemRandom.bytes(3_000_000));
  writeFileSync(join(root, 'source', 'below', 'file'), 'small');
  assert.equal((await runHoldfast(['init', '-r', seed], { env: env() })).code, 0);
  assert.equal((await runHoldfast(['backup', '-r', seed, 'source'], { env: env(), cwd: root })).code, 0);
});

after(() => rmSync(root, { recursive: true, force: true }));

function copyOfSeed(): string {
  const path = join(root, `repository-${number++}`);
  cpSync(seed, path, { recursive: true });
  return path;
}

/** Paths of all files of a repository, with their sizes. */
function contentOf(repository: string): string[] {
  return readdirSync(repository, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path.slice(repository.length)} ${statSync(path).size}`)
    .sort();
}

function oneFile(directory: string): string {
  const path = readdirSync(directory, { recursive: true, withFileTypes: true }).find((entry) => entry.isFile());
  assert.ok(path !== undefined);
  return join(path.parentPath, path.name);
}

/** An error in a sentence, with a hint, and no trace of a defect. */
function assertClear({ code, stderr }: Outcome, exitCode = 1): void {
  assert.equal(code, exitCode, stderr);
  assert.match(stderr, /Fatal: \S/);
  assert.match(stderr, /Hint: \S/);
  assert.doesNotMatch(stderr, /\n {4}at .*:\d+:\d+|TypeError|RangeError|undefined|\[object/);
}

const damages = {
  'a flipped bit': (bytes: Buffer) => {
    const at = bytes.byteLength >> 1;
    bytes[at] = (bytes[at] as number) ^ 4;
    return bytes;
  },
  'a lost end': (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 7),
  'nothing left': () => Buffer.alloc(0),
};

for (const kind of ['config', 'keys', 'index', 'snapshots', 'data'] as const) {
  for (const [damage, apply] of Object.entries(damages)) {
    test(`a file of ${kind} with ${damage}: check tells it, as restic's does, and no command makes it worse`, async (t) => {
      const repository = copyOfSeed();
      const path = kind === 'config' ? join(repository, 'config') : oneFile(join(repository, kind));
      const damaged = apply(readFileSync(path));
      rmSync(path);
      writeFileSync(path, damaged);
      const content = contentOf(repository);
      const checked = await runHoldfast(['check', '--read-data', '-r', repository], { env: env() });
      assertClear(checked);
      const target = join(root, `target-${number}`);
      const restored = await runHoldfast(['restore', 'latest', '-r', repository, '--target', target], { env: env() });
      // The end of a pack is its header, which the index makes up for.
      assert.equal(restored.code, kind === 'data' && damage === 'a lost end' ? 0 : 1, restored.stderr);
      assert.deepEqual(contentOf(repository), content, 'only looking changes nothing');
      const restic = needRestic(t);
      if (restic === undefined) return;
      const theirs = await runProgram(restic, ['check', '--read-data', '-r', repository], { env: env() });
      assert.notEqual(theirs.code, 0, 'restic sees nothing wrong');
    });
  }
}

test('a repository of version 3 is refused with a clear error, and left alone', async () => {
  const repository = copyOfSeed();
  const { masterKey, id } = await Repository.open({ storage: new LocalStorage({ path: repository }), password: new Secret('bad input') });
  const config = JSON.stringify({ version: 3, id, chunker_polynomial: '25b468838dcb75' });
  rmSync(join(repository, 'config'));
  writeFileSync(join(repository, 'config'), new Sealer(masterKey).seal(Buffer.from(config)));
  const content = contentOf(repository);
  for (const words of [['snapshots'], ['backup', join(root, 'source')], ['prune'], ['check']]) {
    const outcome = await runHoldfast([...words, '-r', repository], { env: env() });
    assertClear(outcome);
    assert.match(outcome.stderr, /version 3/);
  }
  assert.deepEqual(contentOf(repository), content);
});

test('a restore to where no directory can be is a clear error', async () => {
  const file = join(root, 'a file');
  writeFileSync(file, 'in the way');
  const outcome = await runHoldfast(['restore', 'latest', '-r', seed, '--target', join(file, 'below')], { env: env() });
  assertClear(outcome);
  assert.equal(readFileSync(file, 'utf8'), 'in the way');
});

/** Runs the work on a file system of that size, where this account may mount one. */
async function onSmallDisk(t: TestContext, megabytes: number, work: (path: string) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(root, 'disk-'));
  if ((await runProgram('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])).code !== 0) {
    if (process.env['CI'] !== undefined) assert.fail('a tmpfs could not be mounted');
    return t.skip('needs to mount a tmpfs');
  }
  try {
    await work(path);
  } finally {
    await runProgram('umount', [path]);
  }
}

test('a repository on a full disk: a clear error, nothing half-written, and what was there is whole', async (t) => {
  await onSmallDisk(t, 8, async (disk) => {
    const repository = join(disk, 'repository');
    cpSync(seed, repository, { recursive: true });
    writeFileSync(join(root, 'large'), systemRandom.bytes(9_000_000));
    const outcome = await runHoldfast(['backup', '-r', repository, join(root, 'large')], { env: env() });
    assertClear(outcome);
    assert.match(outcome.stderr, /ENOSPC/);
    assert.deepEqual(
      contentOf(repository).filter((name) => /tmp|locks/.test(name)),
      [],
    );
    const restic = needRestic(t) ?? undefined;
    if (restic === undefined) return;
    const checked = await runProgram(restic, ['check', '--read-data', '--no-cache', '--no-lock', '-r', repository], { env: env() });
    assert.equal(checked.code, 0, checked.stderr);
    const target = join(root, 'from the full disk');
    assert.equal((await runHoldfast(['restore', 'latest', '--no-lock', '-r', repository, '--target', target], { env: env() })).code, 0);
    assert.ok(existsSync(join(target, 'source', 'below', 'file')));
  });
});

test('a restore onto a full disk is a clear error', async (t) => {
  await onSmallDisk(t, 2, async (disk) => {
    const outcome = await runHoldfast(['restore', 'latest', '-r', seed, '--target', disk], { env: env() });
    assertClear(outcome);
    assert.match(outcome.stderr, /no room/);
  });
});
