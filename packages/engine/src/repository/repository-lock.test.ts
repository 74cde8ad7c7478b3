import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CodedError, ManualClock, Secret, systemClock, systemRandom } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { encodeLock } from '../format/lock-file.ts';
import { backup } from '../verbs/backup/backup.ts';
import { check } from '../verbs/check/check.ts';
import { processIdentity } from './process-identity.ts';
import { Repository } from './repository.ts';
import type { RepositoryLock } from './repository-lock.ts';

const password = new Secret('locks');
const nowNs = 1_795_000_000_000_000_000n;
const minuteMs = 60_000;

interface Place {
  readonly memory: MemoryStorage;
  readonly clock: ManualClock;
  readonly repository: Repository;
}

async function makePlace(): Promise<Place> {
  const memory = new MemoryStorage();
  const clock = new ManualClock(nowNs);
  const repository = await Repository.init({ storage: memory, password, clock, scrypt: { N: 16, r: 1, p: 1 } });
  return { memory, clock, repository };
}

/** Lets time pass while the promise is under way. */
async function passing<T>(clock: ManualClock, promise: Promise<T>, stepMs = 100): Promise<T> {
  let settled = false;
  const marked = promise.finally(() => {
    settled = true;
  });
  marked.catch(() => undefined); // it is thrown below
  while (!settled) {
    for (let i = 0; i < 20; i++) await turn();
    clock.advance(stepMs);
  }
  return marked;
}

async function passMinutes(clock: ManualClock, minutes: number): Promise<void> {
  for (let i = 0; i < minutes * 6; i++) {
    clock.advance(10_000);
    for (let j = 0; j < 20; j++) await turn();
  }
}

function lockNames(memory: MemoryStorage): string[] {
  return [...memory.files.keys()].filter((name) => name.startsWith('lock/'));
}

test('shared locks go together, an exclusive one excludes all others both ways', async () => {
  const { memory, clock, repository } = await makePlace();
  const shared = await passing(clock, repository.lock({ exclusive: false }));
  const other = await passing(clock, repository.lock({ exclusive: false }));
  assert.equal(lockNames(memory).length, 2);
  await assert.rejects(passing(clock, repository.lock({ exclusive: true })), (error) => CodedError.is(error, 'repository-locked'));
  assert.equal(lockNames(memory).length, 2, 'the one refused leaves nothing');
  await shared[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  assert.deepEqual(lockNames(memory), []);
  const exclusive = await passing(clock, repository.lock({ exclusive: true }));
  await assert.rejects(passing(clock, repository.lock({ exclusive: false })), (error) => CodedError.is(error, 'repository-locked'));
  await exclusive[Symbol.asyncDispose]();
});

test('whoever may wait gets the lock when it is free', async () => {
  const { clock, repository } = await makePlace();
  const holder = await passing(clock, repository.lock({ exclusive: true }));
  let heard = '';
  const waiting = repository.lock({ exclusive: false, retryMs: 10 * minuteMs, onWait: (who) => (heard = who) });
  await passMinutes(clock, 1);
  assert.match(heard, /locked exclusively by process/);
  await holder[Symbol.asyncDispose]();
  const lock = await passing(clock, waiting);
  await lock[Symbol.asyncDispose]();
});

test('a held lock is refreshed every five minutes under a new name, and there is never none', async () => {
  const { memory, clock, repository } = await makePlace();
  const lock = await passing(clock, repository.lock({ exclusive: true }));
  const seen = new Set<string>();
  for (let minute = 0; minute < 45; minute++) {
    await passMinutes(clock, 1);
    assert.equal(lockNames(memory).length, 1);
    seen.add(lockNames(memory)[0] as string);
  }
  assert.ok(seen.size >= 8, `${seen.size} names in 45 minutes`);
  await lock.assertHeld();
  await passing(clock, lock[Symbol.asyncDispose]());
  assert.deepEqual(lockNames(memory), []);
});

/** A machine that sleeps: its clock jumps while nothing runs, and others take its lock for stale. */
async function sleepThrough(place: Place): Promise<RepositoryLock> {
  const lock = await passing(place.clock, place.repository.lock({ exclusive: false }));
  for (const name of lockNames(place.memory)) place.memory.files.delete(name);
  place.clock.advance(45 * minuteMs);
  for (let j = 0; j < 50; j++) await turn();
  place.clock.advance(1000);
  for (let j = 0; j < 50; j++) await turn();
  return lock;
}

test('F27 sleep-prune: who slept past its lock, which others then removed, notices and does not go on', async () => {
  const place = await makePlace();
  const lock = await sleepThrough(place);
  assert.ok(lock.signal.aborted);
  assert.ok(CodedError.is(lock.signal.reason, 'lock-lost'));
  await assert.rejects(lock.assertHeld(), (error) => CodedError.is(error, 'lock-lost'));
  await lock[Symbol.asyncDispose]();
});

test('F27 sleep-prune: a backup whose lock was taken away writes no snapshot', async () => {
  const { memory, repository } = await makePlace();
  const real = await Repository.open({ storage: memory, password, clock: systemClock, random: systemRandom });
  await using lock = await real.lockAndLoadIndex({ exclusive: false });
  const destination = {
    repository: real,
    parent: undefined,
    lock: {
      settled: lock.settled,
      signal: lock.signal,
      assertHeld: async () => {
        for (const name of lockNames(memory)) memory.files.delete(name); // what unlock and a prune by somebody else would have done
        await lock.assertHeld();
      },
    },
  };
  await assert.rejects(backup([destination], { targets: [Buffer.from(import.meta.filename)] }), (error) =>
    CodedError.is(error, 'lock-lost'),
  );
  assert.deepEqual(await repository.snapshots(), []);
  assert.deepEqual((await check(repository)).errors, []);
});

test('F26 lock-after-kill: a lock of our own whose process is proven dead goes unasked, others stay', async () => {
  const { memory, clock, repository } = await makePlace();
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  const identity = processIdentity(child.pid as number);
  assert.ok(identity !== undefined);
  const lockOf = (fields: Partial<Parameters<typeof encodeLock>[0]>): Promise<string> =>
    repository.saveFile(
      'lock',
      encodeLock({
        timeNs: clock.nowNs(),
        exclusive: true,
        hostname: 'elsewhere',
        username: 'u',
        pid: child.pid as number,
        uid: 0,
        gid: 0,
        process: identity,
        ...fields,
      }),
    );
  await lockOf({});
  await assert.rejects(
    passing(clock, repository.lock({ exclusive: false })),
    (error) => CodedError.is(error, 'repository-locked'),
    'it lives',
  );
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  const lock = await passing(clock, repository.lock({ exclusive: false }));
  assert.equal(lockNames(memory).length, 1, 'the dead lock is gone');
  await lock[Symbol.asyncDispose]();
  for (const [what, fields] of [
    ['of restic, which proves nothing', { process: undefined }],
    ['of another boot', { process: { ...identity, boot: 'another' } }],
    ['of another container', { process: { ...identity, pidNamespace: 'pid:[1]' } }],
  ] as const) {
    const name = await lockOf(fields);
    await assert.rejects(passing(clock, repository.lock({ exclusive: false })), (error) => CodedError.is(error, 'repository-locked'), what);
    await repository.removeFile('lock', name);
  }
  const reused = await lockOf({ pid: process.pid, process: { ...(processIdentity(process.pid) as typeof identity), pidStart: '1' } });
  const next = await passing(clock, repository.lock({ exclusive: false }));
  assert.ok(!memory.files.has(`lock/${reused}`), 'the process ID is used again by another process');
  await next[Symbol.asyncDispose]();
});

test('an empty lock file counts for nothing, an unreadable one is an error after some patience', async () => {
  const { memory, clock, repository } = await makePlace();
  memory.files.set(`lock/${'0'.repeat(64)}`, new Uint8Array(0));
  const lock = await passing(clock, repository.lock({ exclusive: true }));
  await lock[Symbol.asyncDispose]();
  memory.files.set(`lock/${'1'.repeat(64)}`, Buffer.from('garbage'));
  const startNs = clock.nowNs();
  await assert.rejects(passing(clock, repository.lock({ exclusive: false })), (error) => CodedError.is(error, 'file-damaged'));
  assert.ok(clock.nowNs() - startNs >= 30_000_000_000n);
});
