import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Outcome, runCommand } from './support/program.ts';

const now = ['--now', '2026-11-25T12:00:00Z', '--zone', 'Europe/Berlin'];
let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-retention-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

function policyFile(policy: unknown): string {
  const path = join(root, 'policy.json');
  writeFileSync(path, typeof policy === 'string' ? policy : JSON.stringify(policy));
  return path;
}

const preview = (input: string | Uint8Array, ...words: readonly string[]): Promise<Outcome> =>
  runCommand(['retention', 'preview', ...now, ...words], { input });
const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const answers = ({ stdout }: Outcome): unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const history = [
  { id: 'future', time: '2026-11-26T00:00:00Z', bytes: 1_048_576 },
  { id: 'today', time: '2026-11-25T01:00:00+01:00', bytes: 1_048_576 },
  { id: 'cut', time: '2026-11-24T00:00:00Z', bytes: 0, complete: false },
  { id: 'early', time: '2026-11-10T05:00:00Z', bytes: 1_048_576 },
  { id: 'late', time: '2026-11-10T20:00:00Z', bytes: 1_048_576, pinned: false },
  { id: 'pinned', time: '2020-01-01T00:00:00Z', bytes: 1_048_576, pinned: true },
  { id: 'ancient', time: '2020-01-02T00:00:00Z', bytes: 1_048_576 },
];

test('retention preview answers each line with its verdict, in the order of the input', async () => {
  const run = await preview(lines(...history), '--json');
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(answers(run), [
    { id: 'future', keep: true, rule: 'future', until: null },
    { id: 'today', keep: true, rule: 'all', until: '2026-12-02T00:00:00Z' },
    { id: 'cut', keep: true, rule: 'incomplete', until: '2026-12-01T00:00:00Z' },
    { id: 'early', keep: false, rule: 'superseded in daily 2026-11-10 by late', until: null },
    { id: 'late', keep: true, rule: 'daily 2026-11-10', until: '2026-12-03T20:00:00Z' },
    { id: 'pinned', keep: true, rule: 'pinned', until: null },
    { id: 'ancient', keep: false, rule: 'expired', until: null },
  ]);
});

test('retention preview applies the policy of a file, its cap included', async () => {
  const policy = { representative: 'earliest', delete_oldest_backups_when_using_more_megabytes_than: 3 };
  const run = await preview(lines(...history), '--json', '--policy', policyFile(policy));
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(
    (answers(run) as { id: string; rule: string }[]).map(({ id, rule }) => `${id}: ${rule}`),
    [
      'future: future',
      'today: all',
      'cut: incomplete',
      'early: cap',
      'late: superseded in daily 2026-11-10 by early',
      'pinned: pinned',
      'ancient: expired',
    ],
  );
});

test('retention preview for people', async () => {
  const run = await preview(lines(...history));
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /^today\s+2026-11-25 01:00:00 \+01:00\s+keep\s+all\s+2026-12-02 01:00:00 \+01:00$/m);
  assert.match(run.stdout, /^early .*remove\s+superseded in daily 2026-11-10 by late$/m);
  assert.match(run.stdout, /5 of 7 snapshots stay/);
});

test('no snapshots, empty lines and a last line without its end are fine', async () => {
  const empty = await preview('', '--json');
  assert.deepEqual([empty.code, empty.stdout], [0, '']);
  const run = await preview(`\n${lines(history[1])}\r\n${JSON.stringify(history[0])}`, '--json');
  assert.equal(run.code, 0, run.stderr);
  assert.equal(answers(run).length, 2);
});

test('20 000 snapshots are read as they come and answered in order', async () => {
  const start = Date.UTC(2020, 0, 1);
  const many = Array.from({ length: 20_000 }, (_, nr) => ({
    id: `snapshot-${nr}`,
    time: new Date(start + nr * 3 * 3_600_000).toISOString(),
    bytes: 1,
  }));
  const run = await preview(lines(...many), '--json');
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(
    (answers(run) as { id: string }[]).map(({ id }) => id),
    many.map(({ id }) => id),
  );
});

test('F46 a wrong line ends it with the number of the line and the field, and nothing on standard output', async () => {
  const right = { id: 'a', time: '2026-11-24T00:00:00Z', bytes: 1 };
  const table: readonly (readonly [string | Uint8Array, RegExp])[] = [
    [lines(right, { ...right, id: 'b', bytes: '5' }), /Line 2: .*bytes: .* not "5"/],
    [lines(right, { ...right, id: 'b', time: 'yesterday' }), /Line 2: .*time: .* not "yesterday"/],
    [lines(right, { ...right, id: 'b', pined: true }), /Line 2: .*pined: there is no such field/],
    [lines(right, { ...right, bytes: 2 }), /Line 2: id: "a" is in line 1 already/],
    [`${lines(right)}\n{"id":`, /Line 3 is no JSON/],
    [lines(right, [right]), /Line 2: /],
    [Buffer.concat([Buffer.from(lines(right)), Buffer.from([0x22, 0xff, 0x22])]), /Line 2 is no JSON/],
    [`${lines(right)}"${'x'.repeat(1_100_000)}"`, /Line 2 is longer than 1048576 bytes/],
  ];
  for (const [input, message] of table) {
    const run = await preview(input, '--json');
    assert.equal(run.code, 1, run.stderr);
    assert.match((JSON.parse(run.stderr) as { message: string }).message, message);
    assert.equal(run.stdout, '');
  }
});

test('F46 a wrong policy, time or zone ends it and says which', async () => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [['--policy', policyFile('{"keep_dayly": 5}')], /keep_dayly: there is no such field[\s\S]*Hint: .*keep_daily_backups_for_days/],
    [['--policy', join(root, 'none.json')], /The policy cannot be read: ENOENT/],
    [['--now', 'tomorrow'], /--now is no instant: "tomorrow"/],
    [['--now', '2026-11-25T12:00:00'], /--now is no instant/],
    [['--zone', 'Europe/Bern'], /"Europe\/Bern" is no time zone/],
  ];
  for (const [words, message] of table) {
    const run = await preview(lines(history[1]), ...words);
    assert.equal(run.code, 1);
    assert.match(run.stderr, message);
    assert.equal(run.stdout, '');
  }
  const zero = await preview('', '--policy', policyFile({ delete_oldest_backups_when_using_more_megabytes_than: 0 }));
  assert.match(zero.stderr, /delete_oldest_backups_when_using_more_megabytes_than: .* or null for no limit, not 0/);
  assert.match((await preview('', '--policy', policyFile('{'))).stderr, /The policy in .* is no JSON/);
});

test('retention preview can be interrupted while it waits for input', async () => {
  const run = await runCommand(['retention', 'preview', '--json'], {
    keepInputOpen: true,
    onStart: (child) => setTimeout(() => child.kill('SIGINT'), 3000),
  });
  assert.equal(run.code, 130, run.stderr);
});
