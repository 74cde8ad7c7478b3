import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { type TrialJob, trialError } from '../../../../test/support/trial-worker.ts';
import { WorkerPool } from './worker-pool.ts';

const entry = new URL('../../../../test/support/trial-worker.ts', import.meta.url);

function trialPool(size: number, workerData?: unknown): WorkerPool<TrialJob, unknown> {
  return new WorkerPool(entry, size, workerData);
}

/** The error with which a job ends, which must be one of Holdfast's. */
async function failure(run: Promise<unknown>): Promise<CodedError> {
  const error = await run.then(
    () => assert.fail('the job succeeded'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof CodedError, String(error));
  return error;
}

test('each job gets its own result, on all threads, whatever the order in which they end', async () => {
  await using pool = trialPool(3);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 30 }), async (delays) => {
      const results = await Promise.all(delays.map((delayMs, value) => pool.run({ kind: 'echo', value, delayMs })));
      assert.deepEqual(results, [...delays.keys()]);
      assert.equal(pool.outstanding, 0);
    }),
    { numRuns: 20 },
  );
});

test('all threads take part and have the data of the pool', async () => {
  await using pool = trialPool(3, { given: 'to all' });
  const answers = (await Promise.all(Array.from({ length: 6 }, () => pool.run({ kind: 'where' })))) as {
    threadId: number;
    workerData: unknown;
  }[];
  assert.equal(new Set(answers.map(({ threadId }) => threadId)).size, 3);
  for (const { workerData } of answers) assert.deepEqual(workerData, { given: 'to all' });
});

test('jobs start in their order, and no thread gets more than two ahead of its answers', async () => {
  await using pool = trialPool(2);
  const buffers = Array.from({ length: 200 }, () => new ArrayBuffer(8));
  let ended = 0;
  let mostAhead = 0;
  const runs = buffers.map(async (buffer) => {
    await pool.run({ kind: 'move', buffer }, { transfer: [buffer] });
    ended += 1;
    const started = buffers.filter(({ detached }) => detached).length;
    assert.ok(buffers.slice(0, started).every(({ detached }) => detached));
    mostAhead = Math.max(mostAhead, started - ended);
  });
  assert.equal(pool.outstanding, 200);
  assert.deepEqual(
    buffers.map(({ detached }) => detached),
    buffers.map((_, i) => i < 4),
  );
  await Promise.all(runs);
  assert.ok(mostAhead <= 4, `${mostAhead} jobs were under way`);
});

test('buffers move to the thread and back without being copied', async () => {
  await using pool = trialPool(1);
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const back = (await pool.run({ kind: 'move', buffer }, { transfer: [buffer] })) as ArrayBuffer;
  assert.ok(buffer.detached);
  assert.deepEqual([...new Uint8Array(back)], [1, 2, 3]);
});

test('what a job emits arrives in order, before its result, and only at that job', async () => {
  await using pool = trialPool(2);
  await Promise.all(
    [0, 1, 7, 100, 30].map(async (count) => {
      const events: unknown[] = [];
      const result = await pool.run({ kind: 'emit', count }, { onEvent: (event) => events.push(event) });
      assert.equal(result, 'emitted');
      assert.deepEqual(events, [...Array(count).keys()]);
    }),
  );
});

test('an error keeps its code, hint, context and causes on its way, and only its own job fails', async () => {
  await using pool = trialPool(1);
  const before = pool.run({ kind: 'echo', value: 'before' });
  const failed = failure(pool.run({ kind: 'fail' }));
  const after = pool.run({ kind: 'echo', value: 'after' });
  assert.deepEqual(await Promise.all([before, after]), ['before', 'after']);
  const [error, expected] = [await failed, trialError()];
  for (let [had, wanted] = [error as CodedError, expected]; ; [had, wanted] = [had.cause as CodedError, wanted.cause as CodedError]) {
    assert.ok(had instanceof CodedError);
    assert.deepEqual(
      [had.code, had.message, had.hint, had.retry, had.context],
      [wanted.code, wanted.message, wanted.hint, wanted.retry, wanted.context],
    );
    if (wanted.cause instanceof CodedError) continue;
    assert.ok(had.cause instanceof RangeError);
    assert.equal(had.cause.message, 'beyond the end');
    break;
  }
  await assert.rejects(pool.run({ kind: 'throw', message: 'out of range' }), { name: 'RangeError', message: 'out of range' });
});

test('a result that no thread can send fails its job, and the thread goes on', async () => {
  await using pool = trialPool(1);
  await assert.rejects(pool.run({ kind: 'answer-function' }), { name: 'DataCloneError' });
  assert.equal(await pool.run({ kind: 'echo', value: 'well' }), 'well');
});

test('a job that cannot be sent is rejected and takes no place', async () => {
  await using pool = trialPool(1);
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  for (let i = 0; i < 5; i++) {
    const first = pool.run({ kind: 'echo', value: i });
    await assert.rejects(pool.run({ kind: 'move', buffer }, { transfer: [buffer] }), { name: 'DataCloneError' });
    const [second, third] = [pool.run({ kind: 'echo', value: 'second' }), pool.run({ kind: 'move', buffer }, { transfer: [buffer] })];
    await assert.rejects(third, { name: 'DataCloneError' });
    assert.deepEqual(await Promise.all([first, second]), [i, 'second']);
  }
  assert.equal(pool.outstanding, 0);
});

test('what is broadcast reaches every thread before the jobs that come after it', async () => {
  await using pool = trialPool(3);
  for (const value of ['one', 'two', 'three']) {
    const busy = Array.from({ length: 4 }, () => pool.run({ kind: 'echo', value, delayMs: 3 }));
    pool.broadcast({ kind: 'remember', value });
    const recalled = await Promise.all(Array.from({ length: 9 }, () => pool.run({ kind: 'recall' })));
    assert.deepEqual(new Set(recalled), new Set([value]));
    await Promise.all(busy);
  }
});

test('a broadcast that fails on a thread fails the pool', async () => {
  await using pool = trialPool(2);
  pool.broadcast({ kind: 'fail' });
  assert.equal((await failure(pool.run({ kind: 'echo', value: 0, delayMs: 10_000 }))).code, trialError().code);
});

test('a thread that dies fails the jobs under way, those that wait and all later ones', async () => {
  await using pool = trialPool(2);
  const runs = [pool.run({ kind: 'exit' })];
  for (let i = 0; i < 9; i++) runs.push(pool.run({ kind: 'echo', value: i, delayMs: 10_000 }));
  for (const run of runs) assert.equal((await failure(run)).code, 'internal');
  assert.equal((await failure(pool.run({ kind: 'echo', value: 'late' }))).code, 'internal');
  assert.equal(pool.outstanding, 0);
});

test('an entry that cannot be loaded fails every job', async () => {
  await using pool = new WorkerPool<TrialJob, unknown>(new URL('no-such-entry.ts', import.meta.url), 2, undefined);
  const error = await failure(pool.run({ kind: 'recall' }));
  assert.equal(error.code, 'internal');
  assert.match(String(error.cause), /no-such-entry/);
});

test('a thread that runs out of memory fails its job with an error that says so, and the process lives on', { timeout: 60_000 }, () => {
  const script = `
    const { WorkerPool } = await import(${JSON.stringify(new URL('worker-pool.ts', import.meta.url).href)});
    await using pool = new WorkerPool(new URL(${JSON.stringify(entry.href)}), 1, undefined);
    const { code, message, cause } = await pool.run({ kind: 'fill-memory' }).catch((error) => error);
    console.log(JSON.stringify([code, message, cause.code]));`;
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  // The limit is that of the process, which threads inherit: without it the test would fill the machine's memory.
  const arguments_ = ['--max-old-space-size=60', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { cwd: root, encoding: 'utf8' });
  assert.match(stdout, /^\["internal",".*memory.*","ERR_WORKER_OUT_OF_MEMORY"\]\n$/, stderr);
});

test('disposing rejects what is under way and waits, and ends threads that would never end', async () => {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const pool = trialPool(2);
  const runs = [0, 1].map(() => failure(pool.run({ kind: 'count-forever', counter })));
  for (let i = 0; i < 9; i++) runs.push(failure(pool.run({ kind: 'echo', value: i })));
  while (Atomics.load(counter, 0) === 0) await sleep(1);
  await pool[Symbol.asyncDispose]();
  const count = Atomics.load(counter, 0);
  for (const run of runs) assert.equal((await run).code, 'cancelled');
  assert.equal((await failure(pool.run({ kind: 'recall' }))).code, 'cancelled');
  await sleep(30);
  assert.equal(Atomics.load(counter, 0), count, 'no thread runs any more');
});

test('a pool whose work is over before its threads have loaded their native code ends them without harm', { timeout: 120_000 }, () => {
  const program = `import { setTimeout as sleep } from 'node:timers/promises';
    const { WorkerPool } = await import(${JSON.stringify(new URL('./worker-pool.ts', import.meta.url).href)});
    const entry = new URL(${JSON.stringify(new URL('../../../../test/support/native-worker.ts', import.meta.url).href)});
    for (let delayMs = 0; delayMs < 120; delayMs += 6) {
      const pool = new WorkerPool(entry, 3);
      await sleep(delayMs);
      await pool[Symbol.asyncDispose]();
    }`;
  const { status, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.deepEqual([status, signal], [0, null], stderr);
});
