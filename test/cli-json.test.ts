import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';

let root = '';
let repository = '';
const env = (): Readonly<Record<string, string>> => ({
  HOLDFAST_PASSWORD: 'json',
  RESTIC_PASSWORD: 'json',
  RESTIC_CACHE_DIR: join(root, 'cache'),
  RESTIC_PROGRESS_FPS: '0.001',
});

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-json-'));
  repository = join(root, 'repository');
  mkdirSync(join(root, 'source', 'below'), { recursive: true });
  writeFileSync(join(root, 'source', 'below', 'file'), 'content');
  symlinkSync('below', join(root, 'source', 'link'));
  for (const words of [['init'], ['backup', '--tag', 'one', join(root, 'source')]])
    assert.equal((await runHoldfast([...words, '-r', repository], { env: env() })).code, 0);
  writeFileSync(join(root, 'source', 'new'), 'more');
  assert.equal((await runHoldfast(['backup', '-r', repository, join(root, 'source')], { env: env() })).code, 0);
});

after(() => rmSync(root, { recursive: true, force: true }));

/** The keys of a value and the types of what they hold, as far down as objects go. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, shapeOf(each)]),
  );
}

/** Each kind of message once, by its kind. Status messages come as often as there is time for. */
function shapes(stdout: string): Map<string, unknown> {
  const messages = stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const kinds = messages.map(
    (message) => [String(message['message_type'] ?? message['struct_type'] ?? 'value'), shapeOf(message)] as const,
  );
  return new Map(kinds.filter(([kind]) => kind !== 'status' && kind !== 'verbose_status'));
}

const verbs: Readonly<Record<string, readonly string[]>> = {
  backup: ['backup', 'SOURCE'],
  'backup --dry-run': ['backup', '--dry-run', 'SOURCE'],
  snapshots: ['snapshots'],
  'snapshots --group-by': ['snapshots', '--group-by', 'host'],
  ls: ['ls', 'latest'],
  find: ['find', 'file'],
  stats: ['stats', 'latest'],
  'stats --mode raw-data': ['stats', '--mode', 'raw-data'],
  'forget --dry-run': ['forget', '--keep-last', '1', '--dry-run'],
  check: ['check'],
  'key list': ['key', 'list'],
  restore: ['restore', 'latest', '--target', 'TARGET'],
};

for (const [name, words] of Object.entries(verbs)) {
  test(`${name} --json says what restic says, under the same keys and of the same types`, async (t) => {
    const restic = needRestic(t);
    if (restic === undefined) return t.skip('needs restic');
    const filled = (who: string): string[] =>
      [...words, '--json', '-r', repository].map((word) => word.replace('SOURCE', join(root, 'source')).replace('TARGET', join(root, who)));
    const theirs = await runProgram(restic, filled('theirs'), { env: env() });
    const ours = await runHoldfast(filled('ours'), { env: env() });
    assert.deepEqual([ours.code, theirs.code], [0, 0], ours.stderr + theirs.stderr);
    const expected = shapes(theirs.stdout);
    // What would have been the ID of a snapshot that is not made: Holdfast tells none.
    if (name === 'backup --dry-run') delete (expected.get('summary') as Record<string, unknown>)['snapshot_id'];
    assert.deepEqual(shapes(ours.stdout), expected);
  });
}

test('diff --json tells the same changes and counts as restic', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return t.skip('needs restic');
  const { stdout } = await runHoldfast(['snapshots', '--json', '-r', repository], { env: env() });
  const [first, second] = JSON.parse(stdout) as { id: string }[];
  const words = ['diff', '--json', '-r', repository, first?.id ?? '', second?.id ?? ''];
  const [theirs, ours] = [await runProgram(restic, words, { env: env() }), await runHoldfast(words, { env: env() })];
  const lines = (text: string): unknown[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  assert.deepEqual(lines(ours.stdout), lines(theirs.stdout));
});
