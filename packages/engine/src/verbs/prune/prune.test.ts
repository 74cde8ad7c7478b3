import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before as beforeAll, describe, test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { type FaultPlan, noFaults } from '@holdfast/storage/fault';
import fc from 'fast-check';
import { layOutFiles } from '../../../../../test/support/repository-files.ts';
import { type FileSet, fixturePassword, RepositoryFixture } from '../../../../../test/support/repository-fixture.ts';
import { needRestic } from '../../../../../test/support/restic.ts';
import { decodeIndex, encodeIndex, type IndexedBlob } from '../../format/index-file.ts';
import { check, everyPack } from '../check/check.ts';
import { type PruneRepository, type PruneRunOptions, prune } from './prune.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '20');
const all: PruneRunOptions = { maxUnusedBytes: () => 0, packSizeBytes: 1500, smallPackBytes: 1000 };

let fixture: RepositoryFixture;
let base: Map<string, Uint8Array>;
let second: string;
beforeAll(async () => {
  fixture = await RepositoryFixture.make({ packSizeBytes: 1500 });
  const files = (from: number): FileSet => Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`d${i % 3}/f${i}`, [text(from + i)]]));
  const first = await fixture.snapshot(files(0), 1);
  second = await fixture.snapshot(files(6), 2);
  await fixture.snapshot(files(12), 3);
  fixture.memory.files.delete(`snapshot/${first}`);
  await fixture.blob('data', Buffer.from(text(10)), true); // a second copy of a used blob
  await fixture.flush();
  fixture.memory.files.set(`data/${'0a'.repeat(32)}`, Buffer.from('left by an interrupted run'));
  base = fixture.copyFiles();
});

describe('prune', () => {
  test('keeps what snapshots use, removes the rest, and has nothing to do the second time', async () => {
    fixture.restoreFiles(base);
    const { figures, failures, unreferencedPacks } = await prune(fixture.repository, all);
    assert.deepEqual(failures, []);
    assert.equal(unreferencedPacks.length, 1);
    assert.ok(figures.blobs.unused > 0 && figures.blobs.duplicate === 1 && figures.bytes.remainingUnused === 0);
    await assertSound();
    const again = await prune(fixture.repository, all);
    assert.equal(again.figures.blobs.total, figures.blobs.used);
    assert.deepEqual([...again.removedPacks, ...again.repackedPacks, ...again.unreferencedPacks], []);
  });

  test('a dry run changes nothing and tells the same figures', async () => {
    fixture.restoreFiles(base);
    const planned = await prune(fixture.repository, { ...all, dryRun: true });
    assertUnchanged(base);
    assert.deepEqual((await prune(fixture.repository, all)).figures, planned.figures);
  });

  test('restic finds no error in what is left', async (t) => {
    const restic = needRestic(t);
    if (restic === undefined) return;
    fixture.restoreFiles(base);
    await prune(fixture.repository, all);
    resticCheck(restic);
  });

  test('F29 kill-prune: wherever it dies, every snapshot is whole, and the next prune completes', async (t) => {
    let operations = 0;
    for (const death of ['before', 'after'] as const) {
      for (let n = 1; ; n++) {
        fixture.restoreFiles(base);
        fixture.storage.plan = dieAt(n, death);
        const died = await prune(fixture.repository, all).then(
          ({ failures }) => failures.length > 0,
          () => true,
        );
        fixture.storage.plan = noFaults;
        if (!died) break;
        operations = Math.max(operations, n);
        await assertSound();
        await prune(fixture.repository, all);
        await assertSound();
        const { figures } = await prune(fixture.repository, { ...all, dryRun: true });
        assert.equal(figures.blobs.unused + figures.blobs.duplicate + figures.packs.unreferenced, 0);
      }
    }
    t.diagnostic(`died at each of ${operations} writing operations, before and after it took effect`);
    assert.ok(operations > 10);
  });

  test('F29 kill-prune: restic agrees at some of the points', async (t) => {
    const restic = needRestic(t);
    if (restic === undefined) return;
    for (const n of [3, 8, 13]) {
      fixture.restoreFiles(base);
      fixture.storage.plan = dieAt(n, 'after');
      await prune(fixture.repository, all).catch(() => undefined);
      fixture.storage.plan = noFaults;
      resticCheck(restic);
    }
  });

  test('F30 index-superset: a new index that lacks a used blob is found before anything is removed', async (t) => {
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (choice) => {
        fixture.restoreFiles(base);
        const lossy = withSaveFile(fixture, (json) => withoutOnePack(json, choice));
        try {
          await prune(lossy, { ...all, maxRepackBytes: 0 }); // nothing repacked: it is the rewritten index that lacks the pack
        } catch (error) {
          assert.ok(CodedError.is(error, 'verification-failed'), String(error));
          for (const key of base.keys()) assert.ok(fixture.memory.files.has(key), `${key} must still be there`);
          refusals += 1;
        }
        await assertSound();
      }),
      { numRuns: runs },
    );
    t.diagnostic(`${refusals} of ${runs} lossy index files were refused; the others lacked a copy only`);
    assert.ok(refusals > runs / 2);
  });

  test('F30 index-superset: any snapshots, any forgotten: what is left is what is used', async () => {
    const snapshots = fc.array(fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    const options = fc.record({ unused: fc.constantFrom(0, 0.2, Number.POSITIVE_INFINITY), small: fc.constantFrom(1, 1000, 1500) });
    await fc.assert(
      fc.asyncProperty(snapshots, fc.nat(), options, async (sets, forget, { unused, small }) => {
        fixture.restoreFiles(new Map([...base].filter(([key]) => key.startsWith('config') || key.startsWith('key'))));
        const made: string[] = [];
        for (const set of sets) made.push(await fixture.snapshot(Object.fromEntries(set.map((i) => [`d${i % 3}/f${i}`, [text(i)]]))));
        fixture.memory.files.delete(`snapshot/${made[forget % made.length]}`);
        await prune(fixture.repository, { maxUnusedBytes: (used) => used * unused, packSizeBytes: 1500, smallPackBytes: small });
        await assertSound();
      }),
      { numRuns: runs },
    );
  });

  test('F35 repair-keeps: a prune that refuses leaves a damaged repository byte for byte as it was', async () => {
    fixture.restoreFiles(base);
    const packs = fixture.namesOf('data').map((name) => `data/${name}`);
    const indexes = fixture.namesOf('index').map((name) => `index/${name}`);
    const damages = [
      { what: 'missing', keys: packs, apply: (key: string) => void fixture.memory.files.delete(key) },
      { what: 'cut', keys: packs, apply: (key: string) => void fixture.memory.files.set(key, bytesOf(key).slice(0, -1)) },
      { what: 'missing', keys: indexes, apply: (key: string) => void fixture.memory.files.delete(key) },
      { what: 'flipped', keys: indexes, apply: flipOneBit },
      { what: 'flipped', keys: [`snapshot/${second}`], apply: flipOneBit },
    ];
    let refusals = 0;
    for (const { what, keys, apply } of damages) {
      for (const key of keys) {
        fixture.restoreFiles(base);
        apply(key);
        const before = fixture.copyFiles();
        const report = await check(fixture.repository, { selectPacks: everyPack });
        assertUnchanged(before);
        const refused = await prune(fixture.repository, all).then(
          () => false,
          (error: unknown) => CodedError.is(error),
        );
        if (report.affected.length > 0) assert.ok(refused, `${what} ${key} hurts a snapshot: prune must refuse`);
        if (refused) assertUnchanged(before);
        refusals += refused ? 1 : 0;
      }
    }
    assert.ok(refusals > 10, `${refusals} damages were refused`);
  });

  test('a blob that turns out damaged while it is repacked is taken from its other copy, or ends the prune with everything kept', async () => {
    fixture.restoreFiles(base);
    const report = await prune(fixture.repository, { ...all, dryRun: true });
    let lost = 0;
    for (const pack of report.repackedPacks) {
      fixture.restoreFiles(base);
      flipOneBit(`data/${pack}`, 40);
      const kept = fixture.copyFiles();
      try {
        await prune(fixture.repository, all);
        await assertSound();
      } catch (error) {
        assert.ok(CodedError.is(error, 'blob-damaged') || CodedError.is(error, 'file-damaged'), String(error));
        for (const [key, bytes] of kept) assert.deepEqual(fixture.memory.files.get(key), bytes);
        lost += 1;
      }
    }
    assert.ok(lost > 0);
  });

  test('a missing pack does not keep it from pruning while there is another copy of every blob', async () => {
    fixture.restoreFiles(new Map([...base].filter(([key]) => key.startsWith('config') || key.startsWith('key'))));
    const tree = await fixture.tree({ file: [text(99)] });
    await fixture.flush();
    const first = fixture.namesOf('data');
    await fixture.blob('data', Buffer.from(text(99)), true);
    await fixture.blob('tree', await fixture.repository.loadBlob('tree', tree), true);
    await fixture.flush();
    await fixture.snapshotOf(tree);
    for (const name of first) fixture.memory.files.delete(`data/${name}`);
    assert.deepEqual((await check(fixture.repository)).affected, []);
    assert.deepEqual((await prune(fixture.repository, all)).missingPacks.toSorted(), first.toSorted());
    await assertSound();
  });
});

/** Deterministic content, about 600 bytes that do not compress to nothing. */
function text(seed: number): string {
  return Array.from({ length: 120 }, (_, i) => ((seed + 1) * 7919 + i * 104729).toString(36)).join(' ');
}

function dieAt(n: number, death: 'before' | 'after'): FaultPlan {
  let writes = 0;
  const error = new CodedError({ code: 'storage-denied', message: 'The storage is gone' });
  return ({ operation }) => {
    if (operation === 'save' || operation === 'remove') writes += 1;
    if (writes < n) return undefined;
    return { kind: writes === n && death === 'after' && operation !== 'list' ? 'lost-answer' : 'fail', error };
  };
}

function bytesOf(key: string): Uint8Array {
  const bytes = fixture.memory.files.get(key);
  assert.ok(bytes !== undefined);
  return bytes;
}

function flipOneBit(key: string, at = 20): void {
  const bytes = bytesOf(key).slice();
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  fixture.memory.files.set(key, bytes);
}

async function assertSound(): Promise<void> {
  const report = await check(fixture.repository, { selectPacks: everyPack });
  assert.equal(report.errorCount, 0, report.errors.map(({ error }) => error.message).join('\n'));
}

function assertUnchanged(expected: ReadonlyMap<string, Uint8Array>): void {
  assert.deepEqual([...fixture.memory.files.keys()].sort(), [...expected.keys()].sort());
  for (const [key, bytes] of expected) assert.ok(Buffer.compare(bytesOf(key), bytes) === 0, key);
}

function resticCheck(restic: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-prune-'));
  try {
    layOutFiles(fixture.memory.files, directory);
    const env = { ...process.env, RESTIC_PASSWORD: fixturePassword };
    const { status, stdout, stderr } = spawnSync(restic, ['-r', directory, '--no-cache', 'check', '--read-data'], {
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The fixture's repository, but what is saved as an index file is altered. */
function withSaveFile({ repository }: RepositoryFixture, alter: (json: Uint8Array) => Uint8Array): PruneRepository {
  return {
    version: repository.version,
    storage: repository.storage,
    masterKey: repository.masterKey,
    snapshots: (options) => repository.snapshots(options),
    loadFile: (type, name, options) => repository.loadFile(type, name, options),
    saveFile: (type, json, options) => repository.saveFile(type, alter(json), options),
    removeFile: (type, name, options) => repository.removeFile(type, name, options),
    packWriter: (options) => repository.packWriter(options),
  };
}

function withoutOnePack(json: Uint8Array, choice: number): Uint8Array {
  const packs: { id: string; blobs: IndexedBlob[] }[] = [];
  decodeIndex(json, {
    pack: (id) => void packs.push({ id, blobs: [] }),
    blob: (type, id, offset, sealedBytes, uncompressedBytes) => {
      packs.at(-1)?.blobs.push({ type, id: id.slice(), offset, sealedBytes, uncompressedBytes });
    },
  });
  return encodeIndex(packs.filter((_, i) => i !== choice % packs.length));
}
