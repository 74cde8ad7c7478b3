import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CodedError, Secret, systemRandom } from '@holdfast/kernel';
import { type Fault, type FaultPlan, FaultStorage, faultFrom, faultOnce, InstantClock, noFaults } from '@holdfast/storage/fault';
import { MemoryStorage } from '@holdfast/storage/memory';
import { RetryStorage } from '@holdfast/storage/retry';
import { Repository } from '../../repository/repository.ts';
import { check, everyPack } from '../check/check.ts';
import { backup } from './backup.ts';
import type { BackupReport } from './backup-options.ts';

const password = new Secret('faults');
const operations = ['save', 'load', 'stat', 'list', 'remove'] as const;
/** Every call is met by a fault only in the full run; else one in so many. */
const stride = process.env['HOLDFAST_FAULTS'] === 'full' ? 1 : 3;

let root = '';
/** A repository with one snapshot, as files in memory: each trial begins with a copy. */
let seed: ReadonlyMap<string, Uint8Array>;

function changeSource(round: number): void {
  mkdirSync(join(root, 'source', 'below'), { recursive: true });
  for (let i = 0; i < 6; i++) writeFileSync(join(root, 'source', 'below', `f${i}`), Buffer.alloc(200_000 + i, `${round} ${i}`));
  writeFileSync(join(root, 'source', `large${round}`), systemRandom.bytes(5_000_000));
}

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-faults-'));
  changeSource(0);
  const memory = new MemoryStorage();
  await using repository = await Repository.init({ storage: memory, password, scrypt: { N: 16, r: 1, p: 1 } });
  await using _ = await repository.lockAndLoadIndex({ exclusive: false });
  await backup([{ repository, parent: undefined }], { targets: [Buffer.from(join(root, 'source'))] });
  await _[Symbol.asyncDispose]();
  seed = new Map(memory.files);
  changeSource(1);
});

after(() => rmSync(root, { recursive: true, force: true }));

interface Trial {
  readonly memory: MemoryStorage;
  readonly storage: FaultStorage;
  readonly outcome: { readonly report: BackupReport } | { readonly error: unknown };
  readonly retries: number;
}

/** Backs up the changed source to a copy of the seed while the plan holds. */
async function tryBackup(plan: FaultPlan): Promise<Trial> {
  const memory = new MemoryStorage({ files: new Map([...seed].map(([name, bytes]) => [name, bytes.slice()])) });
  const storage = new FaultStorage(memory, plan, new InstantClock());
  let retries = 0;
  const patient = new RetryStorage(storage, {
    clock: new InstantClock(),
    random: systemRandom,
    onRetry: () => (retries += 1),
    totalMs: 20_000,
  });
  try {
    const repository = await Repository.open({ storage: patient, password });
    const lock = await repository.lockAndLoadIndex({ exclusive: false });
    try {
      const parent = (await repository.snapshots())[0];
      const report = await backup([{ repository, parent, lock }], {
        targets: [Buffer.from(join(root, 'source'))],
        packSizeBytes: 1 << 20,
      });
      return { memory, storage, outcome: { report }, retries };
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  } catch (error) {
    return { memory, storage, outcome: { error }, retries };
  }
}

/** The seed's snapshot and all that the repository names are whole. */
async function mustBeSound(memory: MemoryStorage, what: string): Promise<number> {
  const repository = await Repository.open({ storage: memory, password });
  const report = await check(repository, { selectPacks: everyPack });
  assert.deepEqual(report.errors, [], what);
  for (const name of seed.keys()) assert.ok(memory.files.has(name), `${what}: ${name} is gone`);
  return (await repository.snapshots()).length;
}

async function callCounts(): Promise<FaultStorage['calls']> {
  const trial = await tryBackup(noFaults);
  assert.ok('report' in trial.outcome, String('error' in trial.outcome ? trial.outcome.error : ''));
  assert.equal(await mustBeSound(trial.memory, 'without faults'), 2);
  return { ...trial.storage.calls };
}

const permanent = new CodedError({ code: 'storage-denied', message: 'The storage refuses, as planned.' });
const passing: readonly Fault[] = [
  { kind: 'fail' },
  { kind: 'lost-answer' },
  { kind: 'slow', ms: 5000 },
  { kind: 'short-read', keepBytes: 10, silent: false },
  { kind: 'torn-write', keepBytes: 1000, silent: false },
];

test('a call that fails once is made again, and the backup succeeds', { timeout: 600_000 }, async () => {
  const counts = await callCounts();
  for (const operation of operations) {
    for (let number = 1; number <= counts[operation]; number += stride) {
      const fitting = passing.filter(
        ({ kind }) => (kind !== 'short-read' || operation === 'load') && (kind !== 'torn-write' || operation === 'save'),
      );
      const fault = fitting[number % fitting.length] as Fault;
      const what = `${fault.kind} at ${operation} ${number}`;
      const trial = await tryBackup(faultOnce(operation, number, fault));
      assert.ok('report' in trial.outcome, `${what}: ${'error' in trial.outcome ? trial.outcome.error : ''}`);
      assert.equal(await mustBeSound(trial.memory, what), 2, what);
    }
  }
});

test('a call that fails for good ends the backup with its error, and damages nothing', { timeout: 600_000 }, async () => {
  const counts = await callCounts();
  for (const operation of ['save', 'load', 'stat', 'list'] as const) {
    for (let number = 1; number <= counts[operation]; number += stride) {
      const what = `${operation} refused from call ${number} on`;
      const trial = await tryBackup(faultFrom(operation, number, { kind: 'fail', error: permanent }));
      const snapshots = await mustBeSound(trial.memory, what);
      if ('report' in trial.outcome) {
        // Only when what failed was not needed any more: the snapshot is there.
        assert.equal(snapshots, 2, what);
      } else {
        assert.ok(CodedError.is(trial.outcome.error), `${what}: ${trial.outcome.error}`);
        assert.equal(snapshots, 1, what);
      }
    }
  }
});

test('a storage that stays unreachable is given up with its own error', { timeout: 600_000 }, async () => {
  const counts = await callCounts();
  for (let number = 2; number <= counts.save; number += stride * 2) {
    const trial = await tryBackup(faultFrom('save', number, { kind: 'fail' }));
    if ('report' in trial.outcome) continue;
    assert.ok(CodedError.is(trial.outcome.error, 'storage-unreachable'), String(trial.outcome.error));
    assert.equal(await mustBeSound(trial.memory, `unreachable from save ${number} on`), 1);
  }
});

test('one destination that fails does not stop the others', { timeout: 600_000 }, async () => {
  const good = new MemoryStorage();
  const bad = new FaultStorage(new MemoryStorage(), noFaults, new InstantClock());
  const scrypt = { N: 16, r: 1, p: 1 };
  const first = await Repository.init({ storage: bad, password, scrypt });
  const second = await Repository.init({ storage: good, password, scrypt, polynomial: first.polynomial });
  bad.plan = (call) => (call.operation === 'save' && call.type === 'data' ? { kind: 'fail', error: permanent } : undefined);
  const destinations = [first, second].map((repository) => ({ repository, parent: undefined }));
  const report = await backup(destinations, { targets: [Buffer.from(join(root, 'source'))], packSizeBytes: 1 << 20 });
  assert.equal(report.destinations[0]?.error?.code, 'storage-denied');
  assert.equal(report.destinations[0]?.snapshot, undefined);
  assert.equal(report.destinations[1]?.error, undefined);
  assert.notEqual(report.destinations[1]?.snapshot, undefined);
  assert.deepEqual((await check(second, { selectPacks: everyPack })).errors, []);
  assert.deepEqual((await check(first, { selectPacks: everyPack })).errors, []);
});
