import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { noFaults } from '@holdfast/storage/fault';
import fc from 'fast-check';
import { layOutFiles } from '../../../../../test/support/repository-files.ts';
import { fixturePassword, RepositoryFixture } from '../../../../../test/support/repository-fixture.ts';
import { findRestic } from '../../../../../test/support/restic.ts';
import { decodeIndex, encodeIndex, type IndexedBlob, type IndexedPack } from '../../format/index-file.ts';
import { check, everyPack } from './check.ts';
import type { CheckReport } from './check-report.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '100');
const restic = findRestic();
let fixture: RepositoryFixture;
let base: Map<string, Uint8Array>;
let older: string;
let newer: string;

before(async () => {
  fixture = await RepositoryFixture.make({ packSizeBytes: 1500 });
  older = await fixture.snapshot({ 'd/one': [text(1)], 'd/two': [text(2), text(3)], three: [text(4)] }, 1);
  newer = await fixture.snapshot({ 'd/one': [text(1)], 'd/two': [text(5)], 'e/four': [text(6)] }, 2);
  base = fixture.copyFiles();
});

describe('check', () => {
  test('finds nothing wrong in a sound repository, and changes nothing', async () => {
    const report = await damaged(() => undefined);
    assert.equal(report.errorCount + report.hintCount + report.orphanedPacks.length, 0);
    assert.deepEqual(report.affected, []);
    assert.deepEqual(report.counts.snapshots, 2);
    assert.equal(report.counts.packsRead, fixture.namesOf('data').length);
    await agreesWithRestic(report);
  });

  test('F34 bitflip: a flipped bit in any file is found, and the files that it hits are named', async () => {
    const keys = [...base.keys()].filter((key) => !key.startsWith('config'));
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(7), async (file, byte, bit) => {
        const key = keys[file % keys.length] as string;
        const report = await damaged(() => flip(key, byte, bit));
        assert.ok(report.errorCount > 0, key);
        const name = key.slice(key.indexOf('/') + 1);
        if (key.startsWith('data/')) assert.deepEqual(report.damagedPacks, [name]);
        if (key.startsWith('snapshot/')) assert.deepEqual(report.damagedSnapshots, [name]);
        assert.deepEqual(pathsOf(report), await pathsHit());
      }),
      { numRuns: runs },
    );
  });

  test('F34 bitflip: restic finds the same damage', async (t) => {
    if (restic === undefined) return t.skip('needs restic');
    for (const type of ['data', 'index', 'snapshot']) {
      await agreesWithRestic(await damaged(() => flip(`${type}/${fixture.namesOf(type)[0]}`, 50, 3)));
    }
  });

  test('a missing pack, a cut one and one that grew are errors without reading data', async () => {
    for (const pack of fixture.namesOf('data')) {
      const key = `data/${pack}`;
      const bytes = base.get(key) as Uint8Array;
      const missing = await damaged(() => void fixture.memory.files.delete(key), false);
      assert.deepEqual([missing.damagedPacks, pathsOf(missing)], [[pack], await pathsHit()]);
      const cut = await damaged(() => void fixture.memory.files.set(key, bytes.slice(0, 60)), false);
      assert.deepEqual(cut.damagedPacks, [pack]);
      assert.ok(pathsOf(cut).length > 0);
      const grown = await damaged(() => void fixture.memory.files.set(key, Buffer.concat([bytes, Buffer.alloc(3)])), false);
      assert.deepEqual([grown.damagedPacks, grown.affected], [[pack], []]);
    }
    await agreesWithRestic(await damaged(() => void fixture.memory.files.delete(`data/${fixture.namesOf('data')[0]}`)));
    await agreesWithRestic(await damaged(() => cutLast(`data/${fixture.namesOf('data')[0]}`)));
  });

  test('a truncated pack is an error at once, also when the storage says nothing', async () => {
    fixture.restoreFiles(base);
    fixture.storage.plan = (call) => (call.file?.type === 'data' ? { kind: 'short-read', keepBytes: 100, silent: true } : undefined);
    try {
      const report = await check(fixture.repository, { selectPacks: everyPack });
      assert.ok(report.errorCount > 0);
      assert.equal(report.damagedPacks.length, fixture.namesOf('data').length);
    } finally {
      fixture.storage.plan = noFaults;
    }
  });

  test('a storage that does not answer ends the check; it is no finding', async () => {
    fixture.restoreFiles(base);
    fixture.storage.plan = (call) => (call.operation === 'load' && call.file?.type === 'data' ? { kind: 'fail' } : undefined);
    try {
      await assert.rejects(check(fixture.repository, { selectPacks: everyPack }), (error) => CodedError.is(error, 'storage-unreachable'));
    } finally {
      fixture.storage.plan = noFaults;
    }
  });

  test('a missing index file: what only it named is missing, and its packs are orphaned', async () => {
    for (const index of fixture.namesOf('index')) {
      const report = await damaged(() => void fixture.memory.files.delete(`index/${index}`));
      assert.ok(report.errorCount > 0 && report.orphanedPacks.length > 0 && report.suggestPrune);
      assert.deepEqual(pathsOf(report), await pathsHit());
      await agreesWithRestic(report);
    }
  });

  test('packs that no index names are a note', async () => {
    const report = await damaged(() => void fixture.memory.files.set(`data/${'0b'.repeat(32)}`, Buffer.from('left over')));
    assert.deepEqual([report.errorCount, report.orphanedPacks, report.suggestPrune], [0, ['0b'.repeat(32)], true]);
    await agreesWithRestic(report);
  });

  test('a pack in two index files is a hint; with other content, an error', async () => {
    const packs = await readIndex(fixture.namesOf('index')[0] as string);
    const first = packs.find(({ blobs }) => blobs.length > 1);
    assert.ok(first !== undefined);
    const twice = await damaged(() => fixture.repository.saveFile('index', encodeIndex([first])));
    assert.deepEqual([twice.errorCount, twice.hints.map(({ kind }) => kind), twice.suggestRepairIndex], [0, ['duplicate-pack'], true]);
    await agreesWithRestic(twice);
    const split = await damaged(() => fixture.repository.saveFile('index', encodeIndex([{ id: first.id, blobs: first.blobs.slice(1) }])));
    assert.deepEqual([split.errors.map(({ kind }) => kind), split.damagedPacks], [['pack-contradictory'], [first.id]]);
    await agreesWithRestic(split);
  });

  test('an index that names blobs where they are not is found by reading', async () => {
    const name = fixture.namesOf('index')[0] as string;
    const packs = await readIndex(name);
    const swapped = packs.map(({ id, blobs }) => ({ id, blobs: blobs.map((blob, i) => ({ ...blob, id: (blobs[i ^ 1] ?? blob).id })) }));
    const lie = async (): Promise<void> => {
      fixture.memory.files.delete(`index/${name}`);
      await fixture.repository.saveFile('index', encodeIndex(swapped));
    };
    const report = await damaged(lie);
    assert.ok(report.errors.some(({ kind }) => kind === 'pack-data'));
    await agreesWithRestic(report);
  });

  test('trees that break the rules are errors', async () => {
    const id = 'ab'.repeat(32);
    const times = '"mtime":"2026-01-01T00:00:00Z","atime":"2026-01-01T00:00:00Z","ctime":"2026-01-01T00:00:00Z","uid":0,"gid":0';
    const bad = [
      `{"nodes":[{"name":"a","type":"file","mode":420,${times},"content":["${id}"]}]}`,
      `{"nodes":[{"name":"a","type":"file","mode":420,${times},"content":null}]}`,
      `{"nodes":[{"name":"a","type":"dir","mode":420,${times},"content":null}]}`,
      `{"nodes":[{"name":"a","type":"dir","mode":420,${times},"content":null,"subtree":"${id}"}]}`,
      `{"nodes":[{"name":"","type":"fifo","mode":420,${times},"content":null}]}`,
      `{"nodes":[{"name":"a","type":"irregular","mode":420,${times},"content":null}]}`,
      '{"nodes":[{"na',
    ];
    for (const json of bad) {
      const report = await damaged(async () => {
        const tree = await fixture.blob('tree', Buffer.from(`${json}\n`));
        await fixture.flush();
        await fixture.snapshotOf(tree);
      });
      assert.deepEqual([...new Set(report.errors.map(({ kind }) => kind))], ['tree'], json);
      await agreesWithRestic(report);
    }
  });

  test('a blob with a sound copy is not lost', async () => {
    fixture.restoreFiles(base);
    const before = new Set(fixture.namesOf('data'));
    const id = await fixture.blob('data', Buffer.from(text(4)), true);
    await fixture.flush();
    const copy = fixture.namesOf('data').filter((name) => !before.has(name));
    const withCopy = fixture.copyFiles();
    for (const name of [...copy, packOf(id)]) {
      fixture.restoreFiles(withCopy);
      flip(`data/${name}`, 40, 1);
      const report = await check(fixture.repository, { selectPacks: everyPack });
      assert.equal(report.damagedPacks.length, 1);
      assert.ok(!pathsOf(report).some((path) => path.endsWith('/three')));
    }
  });

  test('looks only at the snapshots asked for, and reads the packs they need', async () => {
    fixture.restoreFiles(base);
    const all = await check(fixture.repository, { selectPacks: everyPack });
    const some = await check(fixture.repository, { selectPacks: everyPack, snapshotIds: new Set([older]) });
    assert.equal(some.counts.snapshots, 1);
    assert.ok(some.counts.packsRead < all.counts.packsRead && some.counts.trees < all.counts.trees);
    const one = await check(fixture.repository, { selectPacks: (packs) => packs.slice(0, 1) });
    assert.equal(one.counts.packsRead, 1);
  });

  test('lists are cut at their limits, counts are not', async () => {
    fixture.restoreFiles(base);
    for (const name of fixture.namesOf('data')) fixture.memory.files.delete(`data/${name}`);
    const report = await check(fixture.repository, { findingLimit: 2, affectedLimit: 1 });
    assert.equal(report.errors.length, 2);
    assert.ok(report.errorCount > 2);
    assert.deepEqual([report.affected.length, report.affectedIsComplete], [1, false]);
    assert.equal(report.affected[0]?.snapshotId, newer);
  });
});

/** About 600 bytes that do not compress to nothing. */
function text(seed: number): string {
  return Array.from({ length: 120 }, (_, i) => ((seed + 1) * 7919 + i * 104729).toString(36)).join(' ');
}

/** Checks the repository with the damage done, and that the check leaves it as it is. */
async function damaged(harm: () => unknown, readData = true): Promise<CheckReport> {
  fixture.restoreFiles(base);
  await harm();
  const before = fixture.copyFiles();
  const report = await check(fixture.repository, readData ? { selectPacks: everyPack } : {});
  assert.deepEqual(fixture.memory.files, before);
  return report;
}

function flip(key: string, byte: number, bit: number): void {
  const bytes = (base.get(key) ?? fixture.memory.files.get(key))?.slice();
  assert.ok(bytes !== undefined);
  bytes[byte % bytes.byteLength] = (bytes[byte % bytes.byteLength] ?? 0) ^ (1 << bit);
  fixture.memory.files.set(key, bytes);
}

function cutLast(key: string): void {
  fixture.memory.files.set(key, (fixture.memory.files.get(key) ?? new Uint8Array(0)).slice(0, -1));
}

function pathsOf(report: CheckReport): string[] {
  return report.affected.map(({ snapshotId, path }) => `${snapshotId} ${Buffer.from(path).toString()}`).toSorted();
}

function packOf(blobId: string): string {
  const { index } = fixture.repository;
  return index.packId(index.pack(index.findHex('data', blobId)));
}

/** The same as `pathsOf`, found the slow and plain way: by loading everything that each snapshot needs. */
async function pathsHit(): Promise<string[]> {
  const { repository } = fixture;
  const hit: string[] = [];
  const packs = new Map<string, IndexedBlob & { pack: string }>();
  for (const name of fixture.namesOf('index')) {
    const read = await readIndex(name).catch(() => []);
    for (const { id, blobs } of read)
      for (const blob of blobs) packs.set(`${blob.type} ${Buffer.from(blob.id).toString('hex')}`, { ...blob, pack: id });
  }
  const isThere = (type: 'data' | 'tree', id: string): boolean => {
    const blob = packs.get(`${type} ${id}`);
    const before = base.get(`data/${blob?.pack}`)?.subarray(blob?.offset, (blob?.offset ?? 0) + (blob?.sealedBytes ?? 0));
    const now = fixture.memory.files.get(`data/${blob?.pack}`)?.subarray(blob?.offset, (blob?.offset ?? 0) + (blob?.sealedBytes ?? 0));
    return blob !== undefined && before !== undefined && now !== undefined && Buffer.compare(before, now) === 0;
  };
  const walk = async (snapshotId: string, tree: string, path: string): Promise<void> => {
    if (!isThere('tree', tree)) return void hit.push(`${snapshotId} ${path === '' ? '/' : path}`);
    for (const node of await loadTree(tree)) {
      const below = `${path}/${Buffer.from(node.name).toString()}`;
      if (node.subtree !== undefined) await walk(snapshotId, node.subtree, below);
      else if (node.content?.some((id) => !isThere('data', id)) === true) hit.push(`${snapshotId} ${below}`);
    }
  };
  for (const id of fixture.namesOf('snapshot')) {
    const json = await repository.loadFile('snapshot', id).catch(() => undefined);
    if (json !== undefined) await walk(id, (JSON.parse(Buffer.from(json).toString()) as { tree: string }).tree, '');
  }
  return hit.toSorted();
}

/** A tree from the sound repository, whatever is wrong with it now. */
async function loadTree(
  id: string,
): Promise<readonly { name: Uint8Array; subtree: string | undefined; content: readonly string[] | null }[]> {
  const now = fixture.copyFiles();
  fixture.restoreFiles(base);
  try {
    return await fixture.repository.loadTree(id);
  } finally {
    fixture.restoreFiles(now);
  }
}

async function readIndex(name: string): Promise<IndexedPack[]> {
  const packs: { id: string; blobs: IndexedBlob[] }[] = [];
  decodeIndex(await fixture.repository.loadFile('index', name), {
    pack: (id) => void packs.push({ id, blobs: [] }),
    blob: (type, id, offset, sealedBytes, uncompressedBytes) => {
      packs.at(-1)?.blobs.push({ type, id: id.slice(), offset, sealedBytes, uncompressedBytes });
    },
  });
  return packs;
}

/** restic's verdict on the files as they are now is the same: errors or none. */
async function agreesWithRestic(report: CheckReport): Promise<void> {
  if (restic === undefined) {
    assert.equal(process.env['CI'], undefined, 'needs restic');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-check-'));
  try {
    layOutFiles(fixture.memory.files, directory);
    const env = { ...process.env, RESTIC_PASSWORD: fixturePassword };
    const { status, stdout, stderr } = spawnSync(restic, ['-r', directory, '--no-cache', 'check', '--read-data'], {
      env,
      encoding: 'utf8',
    });
    assert.equal(
      status !== 0,
      report.errorCount > 0,
      `restic: ${stdout}${stderr}\nholdfast: ${report.errors.map(({ error }) => error.message).join('\n')}`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}
