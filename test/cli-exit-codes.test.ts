import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';

let root = '';
const env = (): Readonly<Record<string, string>> => ({
  HOLDFAST_PASSWORD: 'right password',
  RESTIC_PASSWORD: 'right password',
  RESTIC_CACHE_DIR: join(root, 'cache'),
  RESTIC_PROGRESS_FPS: '1',
});

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-exit-'));
  mkdirSync(join(root, 'source'));
  writeFileSync(join(root, 'source', 'file'), Buffer.alloc(3_000_000, 'content'));
  assert.equal((await runHoldfast(['init', '-r', join(root, 'repository')], { env: env() })).code, 0);
  assert.equal((await runHoldfast(['backup', '-r', join(root, 'repository'), join(root, 'source')], { env: env() })).code, 0);
});

after(() => rmSync(root, { recursive: true, force: true }));

interface Situation {
  readonly code: number;
  readonly words: (repository: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const missing = (): string => join(root, 'nothing here');
const situations: Readonly<Record<string, Situation>> = {
  'a backup of everything': { code: 0, words: (r) => ['backup', '-r', r, join(root, 'source')] },
  'a backup of nothing that exists': { code: 1, words: (r) => ['backup', '-r', r, missing()] },
  'a backup without targets': { code: 1, words: (r) => ['backup', '-r', r] },
  'a backup of which a part cannot be read': { code: 3, words: (r) => ['backup', '-r', r, join(root, 'source'), missing()] },
  'an unknown option': { code: 1, words: (r) => ['snapshots', '-r', r, '--no-such-option'] },
  'an unknown verb': { code: 1, words: (r) => ['no-such-verb', '-r', r] },
  'no repository named': { code: 1, words: () => ['snapshots'] },
  'a repository that is not there': { code: 10, words: () => ['snapshots', '-r', missing()] },
  'a wrong password': { code: 12, words: (r) => ['snapshots', '-r', r], env: { HOLDFAST_PASSWORD: 'wrong', RESTIC_PASSWORD: 'wrong' } },
  'a snapshot that is not there': { code: 1, words: (r) => ['restore', '-r', r, 'ffffffff', '--target', join(root, 'nowhere')] },
  'a wrong pattern': { code: 1, words: (r) => ['backup', '-r', r, '--exclude', '[a', join(root, 'source')] },
  'a wrong duration': { code: 1, words: (r) => ['forget', '-r', r, '--keep-within', 'soon'] },
  'no target of a restore': { code: 1, words: (r) => ['restore', '-r', r, 'latest'] },
  'an init over a repository': { code: 1, words: (r) => ['init', '-r', r] },
};

function assertTold({ stderr, code }: Outcome): void {
  if (code === 0) return;
  assert.match(stderr, /\S/, 'says nothing');
  assert.doesNotMatch(stderr, /\n {4}at .*:\d+:\d+|TypeError|undefined|\[object/, 'shows its insides');
}

for (const [name, situation] of Object.entries(situations)) {
  test(`${name} ends with ${situation.code}, as restic does, and says why`, async (t) => {
    const repository = join(root, 'repository');
    const options = { env: { ...env(), ...situation.env }, cwd: root };
    const ours = await runHoldfast(situation.words(repository), options);
    assert.equal(ours.code, situation.code, ours.stderr);
    assertTold(ours);
    const inJson = await runHoldfast([...situation.words(repository), '--json'], options);
    assert.equal(inJson.code, situation.code, inJson.stderr);
    const restic = needRestic(t);
    if (restic === undefined) return;
    const theirs = await runProgram(restic, situation.words(repository), options);
    assert.equal(theirs.code, situation.code, theirs.stderr);
    assert.deepEqual(readdirSync(join(repository, 'locks')), []);
  });
}

test('a locked repository ends with 11, and --json tells it as restic tells it', async (t) => {
  const restic = needRestic(t);
  const repository = join(root, 'repository');
  const words = ['forget', '-r', repository, '--keep-last', '9', '--json'];
  // A backup of standard input that has not ended holds a lock.
  const blocker = await lockFrom(repository);
  try {
    const ours = await runHoldfast(words, { env: env() });
    assert.equal(ours.code, 11, ours.stderr);
    const told = JSON.parse(ours.stderr.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    assert.deepEqual([told['message_type'], told['code'], typeof told['message']], ['exit_error', 11, 'string']);
    if (restic !== undefined) assert.equal((await runProgram(restic, words, { env: env() })).code, 11);
  } finally {
    await blocker();
  }
});

/** Locks the repository from a process of its own and returns what ends it. */
async function lockFrom(repository: string): Promise<() => Promise<void>> {
  const { promise: running, resolve } = Promise.withResolvers<() => void>();
  const fifo = join(root, 'fifo');
  assert.equal((await runProgram('mkfifo', [fifo])).code, 0);
  const outcome = runProgram(
    'sh',
    ['-c', `exec 3<>"$1"; exec "$2" "$3" repo backup -r "$4" --stdin <&3`, 'sh', fifo, process.execPath, mainPath, repository],
    {
      env: env(),
      onStart: (child) => resolve(() => child.kill('SIGINT')),
    },
  );
  const stop = await running;
  for (let tries = 0; readdirSync(join(repository, 'locks')).length === 0; tries++) {
    assert.ok(tries < 200, 'no lock after ten seconds');
    await new Promise((wait) => setTimeout(wait, 50));
  }
  return async () => {
    stop();
    assert.equal((await outcome).code, 130);
    assert.deepEqual(readdirSync(join(repository, 'locks')), []);
  };
}
const mainPath = new URL('../apps/cli/bin/holdfast.js', import.meta.url).pathname;
