import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { RunEvent, RunPlan } from '@holdfast/contract';
import { CodedError, systemClock, systemRandom } from '@holdfast/kernel';
import { needRestic } from '../../../../test/support/restic.ts';
import { SeededRandom } from '../../../../test/support/seeded-random.ts';
import { RunPlace, runRestic } from '../testing/run-place.ts';
import { childEnvironment } from './child-environment.ts';
import { type ExecuteInChildOptions, executeInChild } from './execute-in-child.ts';
import type { RunEnd } from './run-end.ts';

const kills = Number(process.env['HOLDFAST_RUNNER_KILLS'] ?? '3');
const seed = process.env['HOLDFAST_RUNNER_SEED'] ?? 'killed while it runs';

function start(plan: RunPlan, options: Partial<ExecuteInChildOptions> = {}): Promise<RunEnd> {
  return executeInChild(plan, {
    signal: new AbortController().signal,
    onEvent: () => undefined,
    timeLimitMs: 600_000,
    memoryLimitMebibytes: 512,
    ...options,
  });
}

/** A source that takes a while. */
function fill(place: RunPlace, mebibytes = 150): void {
  for (let i = 0; i < mebibytes / 5; i++) place.write(`large ${i}`, systemRandom.bytes(5 << 20));
}

function isReading(event: RunEvent): boolean {
  return event.type === 'progress' && event.step === 'Reading files' && event.bytesDone > 0;
}

test('a plan is executed in a process of its own, which hands over its events and its report and ends with 0', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  fill(place, 20);
  const access = await place.makeRepository('server');
  const events: RunEvent[] = [];
  let pid = 0;
  const { exit, report, stderrTail } = await start(place.backupPlan([access]), {
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
  const { exit, report } = await start(place.backupPlan([{ ...access, password: 'wrong' }]));
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
  fill(place, 60);
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
    const { exit, report } = await start(place.backupPlan([access]), {
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

test('cancelled in mid-run: the report says so and whose wish it was, no lock stays, and the next run works', async () => {
  using place = new RunPlace();
  fill(place);
  const access = await place.makeRepository('server');
  const controller = new AbortController();
  const { exit, report } = await start(place.backupPlan([access]), {
    signal: controller.signal,
    onEvent: (event) => {
      if (isReading(event)) controller.abort(new CodedError({ code: 'cancelled', message: 'Cancelled by a person' }));
    },
  });
  assert.deepEqual([exit, report?.error?.code, report?.error?.message], [{ code: 0, signal: null }, 'cancelled', 'Cancelled by a person']);
  assert.deepEqual(place.locks(access), []);
  assert.equal((await start(place.backupPlan([access]))).report?.error, null);
});

test('a run that takes longer than it may is stopped with a code of its own', async () => {
  using place = new RunPlace();
  fill(place);
  const access = await place.makeRepository('server');
  const { exit, report } = await start(place.backupPlan([access]), { timeLimitMs: 1_000 });
  assert.deepEqual([exit, report?.error?.code], [{ code: 0, signal: null }, 'time-limit']);
  assert.deepEqual(place.locks(access), []);
});

test('F15 chain-exit: killed by a signal in mid-run there is no report and no exit code; the next run needs no unlock', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  fill(place);
  const access = await place.makeRepository('server');
  let pid = 0;
  const { exit, report } = await start(place.backupPlan([access]), {
    onStart: (started) => {
      pid = started;
    },
    onEvent: (event) => {
      if (isReading(event)) process.kill(pid, 'SIGKILL');
    },
  });
  assert.deepEqual([exit, report], [{ code: null, signal: 'SIGKILL' }, undefined]);
  assert.equal(place.locks(access).length, 1, 'it was killed while it held its lock');
  const next = await start(place.backupPlan([access]));
  assert.deepEqual([next.report?.error, next.exit.code], [null, 0]);
  assert.deepEqual(place.locks(access), []);
  runRestic(restic, access, 'check');
});

test(`killed at any moment, nothing needs a hand: ${kills} times (seed ${seed})`, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  const random = new SeededRandom(seed);
  const access = await place.makeRepository('server');
  place.write('first', random.bytes(1 << 20));
  const startMs = performance.now();
  await start(place.backupPlan([access]));
  const durationMs = performance.now() - startMs;
  for (let i = 0; i < kills; i++) {
    place.write(`${i % 5}`, random.bytes(8 << 20));
    const afterMs = random.below(Math.ceil(durationMs * 1.3));
    let timer: NodeJS.Timeout | undefined;
    const { exit, report } = await start(place.backupPlan([access]), {
      onStart: (pid) => {
        timer = setTimeout(() => process.kill(pid, 'SIGKILL'), afterMs);
      },
    });
    clearTimeout(timer);
    const isWhole = report?.kind === 'backup' && report.destinations[0]?.treeMatches === true;
    assert.ok(exit.code === 0 ? isWhole : exit.signal === 'SIGKILL' && exit.code === null, `after ${afterMs} ms: ${JSON.stringify(exit)}`);
    const next = await place.run(place.backupPlan([access]));
    assert.deepEqual([next.error, next.destinations[0]?.treeMatches], [null, true], `after ${afterMs} ms`);
    runRestic(restic, access, 'check');
  }
  assert.deepEqual(place.locks(access), []);
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
  const late = await start(plan, { entry: onPlan(`${send} process.exit(3));`) });
  assert.deepEqual([late.exit, late.report?.kind], [{ code: 3, signal: null }, 'forget']);
  const killed = await start(plan, { entry: onPlan(`${send} process.kill(process.pid, 'SIGSEGV'));`) });
  assert.deepEqual([killed.exit, killed.report?.kind], [{ code: null, signal: 'SIGSEGV' }, 'forget']);
  const silent = await start(plan, { entry: onPlan(`process.stderr.write('x'.repeat(100000) + 'the end', () => process.exit(0));`) });
  assert.deepEqual([silent.exit, silent.report], [{ code: 0, signal: null }, undefined]);
  assert.ok(silent.stderrTail.endsWith('the end') && silent.stderrTail.length <= 16_384);
  const foreign = await start(plan, {
    entry: onPlan(`process.send({ type: 'report', report: { ...report(plan), runId: '${'f'.repeat(32)}' } }); setInterval(() => {}, 1e6);`),
  });
  assert.deepEqual([foreign.exit, foreign.report], [{ code: null, signal: 'SIGKILL' }, undefined]);
  const nonsense = await start(plan, { entry: onPlan(`process.send({ type: 'report', report: 1 }); setInterval(() => {}, 1e6);`) });
  assert.deepEqual([nonsense.exit.signal, nonsense.report], ['SIGKILL', undefined]);
  assert.match(nonsense.stderrTail, /no message/);
  const broken = await start(plan, { entry: misbehaving(place, 'throw new Error("it does not even start")') });
  assert.deepEqual([broken.exit, broken.report], [{ code: 1, signal: null }, undefined]);
  assert.match(broken.stderrTail, /does not even start/);
});

test('a process that cannot be started is a run without exit and report, not an exception', async () => {
  using place = new RunPlace();
  const plan = place.backupPlan([await place.makeRepository('server')]);
  const { exit, report, stderrTail } = await start(plan, { node: join(place.root, 'no such program') });
  assert.deepEqual([exit, report], [{ code: null, signal: null }, undefined]);
  assert.match(stderrTail, /ENOENT/);
  const denied = await start(plan, { node: place.root });
  assert.deepEqual([denied.exit, denied.report], [{ code: null, signal: null }, undefined]);
});

test('a process that does not listen to the cancelling is asked by a signal, and then killed', async () => {
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const plan: RunPlan = { kind: 'forget', ...place.common(), repository: access, snapshotIds: ['a'.repeat(64)] };
  const run = (body: string): Promise<RunEnd> => {
    const controller = new AbortController();
    const ready = `process.on('message', ({ type }) => type === 'plan' && process.send({ type: 'event', event: { type: 'log', level: 'info', text: 'ready' } }));`;
    return start(plan, {
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

test('no orphans: when the process that started a run goes away, the run ends and gives its lock back', async () => {
  using place = new RunPlace();
  fill(place);
  const access = await place.makeRepository('server');
  const parent = join(place.root, 'parent.mjs');
  const runner = new URL('./execute-in-child.ts', import.meta.url).href;
  writeFileSync(
    parent,
    `import { executeInChild } from ${JSON.stringify(runner)};
     process.on('message', (plan) => executeInChild(plan, { signal: new AbortController().signal, timeLimitMs: 1e6, memoryLimitMebibytes: 512,
       onStart: (pid) => process.send(pid),
       onEvent: (event) => { if (event.type === 'progress' && event.bytesDone > 0) process.kill(process.pid, 'SIGKILL'); } }));`,
  );
  const { fork } = await import('node:child_process');
  const forked = fork(parent, { execArgv: [] });
  const pid = Promise.withResolvers<number>();
  const closed = Promise.withResolvers<string | null>();
  forked.on('message', (value) => pid.resolve(Number(value)));
  forked.on('close', (_code, signal) => closed.resolve(signal));
  forked.send(place.backupPlan([access]));
  const child = await pid.promise;
  assert.equal(await closed.promise, 'SIGKILL');
  const untilMs = performance.now() + 20_000;
  while (isAlive(child) && performance.now() < untilMs) await systemClock.sleep(50);
  assert.ok(!isAlive(child), 'the run has ended');
  assert.deepEqual(place.locks(access), []);
});

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('a run that wants more memory than it may ends alone', async () => {
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const plan: RunPlan = { kind: 'forget', ...place.common(), repository: access, snapshotIds: ['a'.repeat(64)] };
  const hungry = misbehaving(
    place,
    `process.on('message', () => { const all = []; for (;;) all.push(new Array(1e5).fill(0).map(() => ({}))); });`,
  );
  const { exit, report, stderrTail } = await start(plan, { entry: hungry, memoryLimitMebibytes: 64 });
  assert.deepEqual([exit.code, report], [null, undefined]);
  assert.match(stderrTail, /heap/);
});
