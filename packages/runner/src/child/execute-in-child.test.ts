import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { RunEvent, RunPlan } from '@holdfast/contract';
import { needRestic } from '../../../../test/support/restic.ts';
import { fillSource, isReading, startChild } from '../testing/child-runs.ts';
import { RunPlace, runRestic } from '../testing/run-place.ts';
import { childEnvironment } from './child-environment.ts';
import type { RunEnd } from './run-end.ts';

test('a plan is executed in a process of its own, which hands over its events and its report and ends with 0', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  fillSource(place, 20);
  const access = await place.makeRepository('server');
  const events: RunEvent[] = [];
  let pid = 0;
  const { exit, report, stderrTail } = await startChild(place.backupPlan([access]), {
    onEvent: (event) => events.push(event),
    onStart: (started) => {
      pid = started;
    },
  });
  assert.deepEqual([exit, stderrTail], [{ code: 0, signal: null }, '']);
  assert.ok(pid > 0 && pid !== process.pid);
  assert.ok(report?.kind === 'backup');
  assert.deepEqual([report.error, report.files, report.destinations[0]?.treeMatches], [null, 4, true]);
  assert.ok(events.some((event) => event.type === 'log'));
  assert.ok(events.some(isReading));
  runRestic(restic, access, 'check', '--read-data');
});

test('a run that fails has its report, too', async () => {
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const { exit, report } = await startChild(place.backupPlan([{ ...access, password: 'wrong' }]));
  assert.deepEqual([exit, report?.error?.code], [{ code: 0, signal: null }, 'wrong-password']);
});

test('F25 env-clean: the environment of a run is made from nothing', () => {
  const own = {
    PATH: '/bin',
    HOME: '/root',
    TZ: 'UTC',
    LANG: 'C',
    RESTIC_PASSWORD: 'x',
    HOLDFAST_MASTER_KEY: 'y',
    NODE_OPTIONS: '--inspect',
  };
  assert.deepEqual(childEnvironment(own), { PATH: '/bin', HOME: '/root', TZ: 'UTC', LANG: 'C' });
});

test('F25, F79 canary-secret: during a run no secret is in the arguments or the environment of any process', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc');
  using place = new RunPlace();
  fillSource(place, 60);
  const canary = 'canary-Zq81-password';
  const access = await place.makeRepository('server', canary);
  process.env['RESTIC_PASSWORD'] = 'leaked-restic';
  process.env['HOLDFAST_MASTER_KEY'] = 'leaked-master';
  const seen: string[] = [];
  let pid = 0;
  const look = (): void => {
    for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
      for (const file of Number(name) === process.pid ? ['cmdline'] : ['cmdline', 'environ']) {
        try {
          seen.push(`${name} ${file} ${readFileSync(`/proc/${name}/${file}`, 'latin1')}`);
        } catch {
          // It has ended, or is another user's.
        }
      }
    }
  };
  const watch = setInterval(look, 20);
  try {
    const { exit, report } = await startChild(place.backupPlan([access]), {
      onStart: (started) => {
        pid = started;
      },
    });
    assert.deepEqual([exit.code, report?.error], [0, null]);
  } finally {
    clearInterval(watch);
    delete process.env['RESTIC_PASSWORD'];
    delete process.env['HOLDFAST_MASTER_KEY'];
  }
  const ours = seen.filter((text) => text.startsWith(`${pid} `));
  assert.ok(
    ours.some((text) => text.startsWith(`${pid} environ PATH=`) || text.includes('\0PATH=')),
    'its environment was looked at',
  );
  assert.ok(
    ours.some((text) => text.includes('child.ts')),
    'its arguments were looked at',
  );
  for (const text of seen) assert.ok(!text.includes(canary), text.slice(0, 200));
  for (const text of ours) assert.ok(!text.includes('leaked-') && !text.includes('RESTIC_'), text.slice(0, 500));
});

/** A process that behaves in some wrong way: the text is what it does with a message. */
function misbehaving(place: RunPlace, body: string): URL {
  const path = join(place.root, `child-${body.length}.mjs`);
  writeFileSync(
    path,
    `const report = (plan) => ({ kind: 'forget', runId: plan.runId, startMs: 1, endMs: 2, items: [], itemCount: 0, error: null, removed: [], remaining: [], ended: true });\n${body}`,
  );
  return pathToFileURL(path);
}

test('F15, F18 exit-table: a report that came beside a bad exit code stays visible as such, and a clean exit makes no report', async () => {
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const plan: RunPlan = { kind: 'forget', ...place.common(), repository: access, snapshotIds: ['a'.repeat(64)] };
  const onPlan = (work: string): URL => misbehaving(place, `process.on('message', ({ plan }) => { ${work} });`);
  const send = `process.send({ type: 'report', report: report(plan) }, () => `;
  const late = await startChild(plan, { entry: onPlan(`${send} process.exit(3));`) });
  assert.deepEqual([late.exit, late.report?.kind], [{ code: 3, signal: null }, 'forget']);
  const killed = await startChild(plan, { entry: onPlan(`${send} process.kill(process.pid, 'SIGSEGV'));`) });
  assert.deepEqual([killed.exit, killed.report?.kind], [{ code: null, signal: 'SIGSEGV' }, 'forget']);
  const silent = await startChild(plan, { entry: onPlan(`process.stderr.write('x'.repeat(100000) + 'the end', () => process.exit(0));`) });
  assert.deepEqual([silent.exit, silent.report], [{ code: 0, signal: null }, undefined]);
  assert.ok(silent.stderrTail.endsWith('the end') && silent.stderrTail.length <= 16_384);
  const foreign = await startChild(plan, {
    entry: onPlan(`process.send({ type: 'report', report: { ...report(plan), runId: '${'f'.repeat(32)}' } }); setInterval(() => {}, 1e6);`),
  });
  assert.deepEqual([foreign.exit, foreign.report], [{ code: null, signal: 'SIGKILL' }, undefined]);
  const nonsense = await startChild(plan, { entry: onPlan(`process.send({ type: 'report', report: 1 }); setInterval(() => {}, 1e6);`) });
  assert.deepEqual([nonsense.exit.signal, nonsense.report], ['SIGKILL', undefined]);
  assert.match(nonsense.stderrTail, /no message/);
  const broken = await startChild(plan, { entry: misbehaving(place, 'throw new Error("it does not even start")') });
  assert.deepEqual([broken.exit, broken.report], [{ code: 1, signal: null }, undefined]);
  assert.match(broken.stderrTail, /does not even start/);
});

test('a process that cannot be started is a run without exit and report, not an exception', async () => {
  using place = new RunPlace();
  const plan = place.backupPlan([await place.makeRepository('server')]);
  const { exit, report, stderrTail } = await startChild(plan, { node: join(place.root, 'no such program') });
  assert.deepEqual([exit, report], [{ code: null, signal: null }, undefined]);
  assert.match(stderrTail, /ENOENT/);
  const denied = await startChild(plan, { node: place.root });
  assert.deepEqual([denied.exit, denied.report], [{ code: null, signal: null }, undefined]);
});

test('a process that does not listen to the cancelling is asked by a signal, and then killed', async () => {
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const plan: RunPlan = { kind: 'forget', ...place.common(), repository: access, snapshotIds: ['a'.repeat(64)] };
  const run = (body: string): Promise<RunEnd> => {
    const controller = new AbortController();
    const ready = `process.on('message', ({ type }) => type === 'plan' && process.send({ type: 'event', event: { type: 'log', level: 'info', text: 'ready' } }));`;
    return startChild(plan, {
      signal: controller.signal,
      onEvent: () => controller.abort(),
      terminateAfterMs: 100,
      killAfterMs: 1_000,
      entry: misbehaving(place, body + ready),
    });
  };
  const deaf = await run('');
  assert.deepEqual([deaf.exit, deaf.report], [{ code: null, signal: 'SIGTERM' }, undefined]);
  const stubborn = await run(`process.on('SIGTERM', () => {});`);
  assert.deepEqual([stubborn.exit, stubborn.report], [{ code: null, signal: 'SIGKILL' }, undefined]);
});

test('a run that wants more memory than it may ends alone', async () => {
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const plan: RunPlan = { kind: 'forget', ...place.common(), repository: access, snapshotIds: ['a'.repeat(64)] };
  const hungry = misbehaving(
    place,
    `process.on('message', () => { const all = []; for (;;) all.push(new Array(1e5).fill(0).map(() => ({}))); });`,
  );
  const { exit, report, stderrTail } = await startChild(plan, { entry: hungry, memoryLimitMebibytes: 64 });
  assert.deepEqual([exit.code, report], [null, undefined]);
  assert.match(stderrTail, /heap/);
});
