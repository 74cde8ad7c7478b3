import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError, systemClock } from '@holdfast/kernel';
import { needRestic } from '../../../../test/support/restic.ts';
import { SeededRandom } from '../../../../test/support/seeded-random.ts';
import { fillSource, isReading, startChild } from '../testing/child-runs.ts';
import { RunPlace, runRestic } from '../testing/run-place.ts';

const kills = Number(process.env['HOLDFAST_RUNNER_KILLS'] ?? '3');
const seed = process.env['HOLDFAST_RUNNER_SEED'] ?? 'killed while it runs';

test('cancelled in mid-run: the report says so and whose wish it was, no lock stays, and the next run works', async () => {
  using place = new RunPlace();
  fillSource(place, 100);
  const access = await place.makeRepository('server');
  const controller = new AbortController();
  const { exit, report } = await startChild(place.backupPlan([access]), {
    signal: controller.signal,
    onEvent: (event) => {
      if (isReading(event)) controller.abort(new CodedError({ code: 'cancelled', message: 'Cancelled by a person' }));
    },
  });
  assert.deepEqual([exit, report?.error?.code, report?.error?.message], [{ code: 0, signal: null }, 'cancelled', 'Cancelled by a person']);
  assert.deepEqual(place.locks(access), []);
  assert.equal((await startChild(place.backupPlan([access]))).report?.error, null);
});

test('a run that takes longer than it may is stopped with a code of its own', async () => {
  using place = new RunPlace();
  fillSource(place, 100);
  const access = await place.makeRepository('server');
  const { exit, report } = await startChild(place.backupPlan([access]), { timeLimitMs: 400 });
  assert.deepEqual([exit, report?.error?.code], [{ code: 0, signal: null }, 'time-limit']);
  assert.deepEqual(place.locks(access), []);
});

test('F15 chain-exit: killed by a signal in mid-run there is no report and no exit code; the next run needs no unlock', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  fillSource(place, 100);
  const access = await place.makeRepository('server');
  let pid = 0;
  const { exit, report } = await startChild(place.backupPlan([access]), {
    onStart: (started) => {
      pid = started;
    },
    onEvent: (event) => {
      if (isReading(event)) process.kill(pid, 'SIGKILL');
    },
  });
  assert.deepEqual([exit, report], [{ code: null, signal: 'SIGKILL' }, undefined]);
  assert.equal(place.locks(access).length, 1, 'it was killed while it held its lock');
  const next = await startChild(place.backupPlan([access]));
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
  await startChild(place.backupPlan([access]));
  const durationMs = performance.now() - startMs;
  for (let i = 0; i < kills; i++) {
    place.write(`${i % 5}`, random.bytes(8 << 20));
    const afterMs = random.below(Math.ceil(durationMs * 1.3));
    let timer: NodeJS.Timeout | undefined;
    const { exit, report } = await startChild(place.backupPlan([access]), {
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

test('no orphans: when the process that started a run goes away, the run ends and gives its lock back', async () => {
  using place = new RunPlace();
  fillSource(place, 100);
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
