import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from './support/program.ts';

let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-schedule-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

let number = 0;

function scheduleFile(schedule: unknown): string {
  const path = join(root, `schedule-${number++}.json`);
  writeFileSync(path, JSON.stringify(schedule));
  return path;
}

const zone = ['--zone', 'Europe/Berlin', '--after', '2026-03-28T00:00:00Z'];

test('F52 schedule next lists the fires of a cron line, a JSON a line', async () => {
  const run = await runCommand(['schedule', 'next', '--cron', '30 2 * * *', ...zone, '--count', '3', '--json']);
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(
    run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      { time: '2026-03-28T01:30:00Z', local: '2026-03-28T02:30:00+01:00[Europe/Berlin]' },
      { time: '2026-03-29T01:00:00Z', local: '2026-03-29T03:00:00+02:00[Europe/Berlin]' },
      { time: '2026-03-30T00:30:00Z', local: '2026-03-30T02:30:00+02:00[Europe/Berlin]' },
    ],
  );
});

test('schedule next of a file, for people: what it means, and when', async () => {
  const file = scheduleFile({ daysOfWeek: [6], hours: [3], minutes: [15] });
  const run = await runCommand(['schedule', 'next', '--schedule', file, ...zone, '--count', '2']);
  assert.equal(run.code, 0, run.stderr);
  assert.equal(
    run.stdout,
    'At 03:15 on Saturday.\n2026-03-28 03:15:00 +01:00  2026-03-28T02:15:00Z\n2026-04-04 03:15:00 +02:00  2026-04-04T01:15:00Z\n',
  );
});

test('bad input is refused with what is wrong and what to do', async () => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /No schedule was given[\s\S]*--cron/],
    [['--cron', '@daily', '--schedule', scheduleFile({})], /exclude each other/],
    [['--cron', '30 2 * *'], /4 fields instead of 5[\s\S]*Hint/],
    [['--schedule', scheduleFile({ hours: [24] })], /hours\.0: .* from 0 to 23, not 24/],
    [['--schedule', join(root, 'none.json')], /The schedule cannot be read: ENOENT/],
    [['--cron', '@daily', '--zone', 'Mars/Olympus'], /"Mars\/Olympus" is no time zone/],
    [['--cron', '@daily', '--after', 'now'], /--after is no instant: "now"/],
    [['--cron', '@daily', '--count', '0'], /whole number from 1/],
    [['--cron', '0 0 31 2 *'], /never fires[\s\S]*Hint/],
  ];
  for (const [words, message] of table) {
    const run = await runCommand(['schedule', 'next', ...words]);
    assert.equal(run.code, 1, `${words.join(' ')}: ${run.stdout}${run.stderr}`);
    assert.match(run.stderr, message);
  }
});

test('what loads for one command is not loaded for another', async () => {
  const hook = join(root, 'list-modules.mjs');
  const source = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (/\\/packages\\/control\\/|\\/zod\\//.test(url)) process.stderr.write('loaded ' + url + '\\n'); return next(url, context); } });`;
  writeFileSync(hook, source);
  const env = { NODE_OPTIONS: `--import=${hook}` };
  const repo = await runCommand(['repo', '--help'], { env });
  assert.equal(repo.code, 0, repo.stderr);
  assert.doesNotMatch(repo.stderr, /packages\/control/);
  assert.match((await runCommand(['schedule', 'next', '--cron', '@daily'], { env })).stderr, /packages\/control/);
});
