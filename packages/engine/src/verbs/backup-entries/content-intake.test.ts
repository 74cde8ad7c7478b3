import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { FastRandom } from '../../../../../test/support/fast-random.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import { Repository } from '../../repository/repository.ts';
import { backup } from '../backup/backup.ts';
import type { ContentBatch } from '../backup/backup-job.ts';
import type { BackupOptions } from '../backup/backup-options.ts';
import { segmentBytes } from '../backup/content-store.ts';
import { walkSnapshot } from '../walk-snapshot.ts';
import { ContentIntake, type StoreContents, type TakenContent } from './content-intake.ts';

async function fileOf(repository: Repository, options: BackupOptions): Promise<TreeNode | undefined> {
  await using lock = await repository.lockAndLoadIndex({ exclusive: false });
  const report = await backup([{ repository, lock, parent: undefined }], options);
  assert.equal(report.destinations[0]?.error, undefined);
  for await (const { node } of walkSnapshot(repository, report.tree)) if (node.type === 'file') return node;
  return undefined;
}

test('a stream of any length is cut into the chunks that a file of the same content is cut into', async () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-intake-'));
  try {
    const repository = await Repository.init({ storage: new MemoryStorage(), password: new Secret('x'), scrypt: { N: 16, r: 1, p: 1 } });
    for (const sizeBytes of [0, 1, 600_000, 12 << 20, (12 << 20) + 1, 30_000_001]) {
      const content = new FastRandom(sizeBytes + 1).bytes(sizeBytes);
      writeFileSync(join(root, 'file'), content);
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < sizeBytes; at += 70_000) yield content.subarray(at, at + 70_000);
      }
      const file = await fileOf(repository, { targets: [Buffer.from(join(root, 'file'))] });
      const stream = await fileOf(repository, { targets: [], stream: { name: 'stream', bytes: pieces() } });
      assert.deepEqual([stream?.content, stream?.sizeBytes], [file?.content, sizeBytes]);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

/** Stores nothing: a chunk is the text of its bytes in hexadecimal, of a content that goes on all but the last 100 bytes. */
function fakeStore(onBatch: (batch: ContentBatch) => void = () => undefined): StoreContents {
  return async ({ bytes, ends, isLastWhole }, onCut) => {
    onBatch({ bytes, ends, isLastWhole });
    const last = ends.length - 1;
    const contents = ends.map((end, i) => {
      const start = ends[i - 1] ?? 0;
      const isOpen = i === last && !isLastWhole;
      if (isOpen) onCut(end - 100 - start);
      return [sha256Hex(bytes.subarray(start, isOpen ? end - 100 : end))];
    });
    await new Promise((resolve) => setTimeout(resolve, 2));
    return contents;
  };
}

test('small contents go to a thread together, and each gets what is its own, whatever lies between', async () => {
  const sizes = [
    5,
    0,
    300_000,
    12 << 20,
    7,
    900_000,
    1,
    (12 << 20) + 150,
    20,
    1 << 20,
    ...Array.from({ length: 3000 }, (_, i) => i),
    40 << 20,
  ];
  const batches: ContentBatch[] = [];
  const intake = new ContentIntake(fakeStore((batch) => batches.push(batch)));
  const random = new FastRandom(7);
  const taken: { readonly stored: Promise<TakenContent>; readonly bytes: Uint8Array }[] = [];
  for (const [i, sizeBytes] of sizes.entries()) {
    const bytes = random.bytes(sizeBytes);
    if (i % 100 === 50) await assert.rejects(intake.take(inParts(bytes, true)), (error) => CodedError.is(error, 'source-incomplete'));
    // Held in an object: a promise that an async function returns is waited for.
    taken.push({ ...(await intake.take(inParts(bytes))), bytes });
  }
  intake.flush();
  for (const { stored, bytes } of taken) {
    const { content, sizeBytes } = await stored;
    assert.equal(sizeBytes, bytes.byteLength);
    const expected: string[] = [];
    let from = 0;
    for (; bytes.byteLength - from >= segmentBytes; from += segmentBytes - 100)
      expected.push(sha256Hex(bytes.subarray(from, from + segmentBytes - 100)));
    if (bytes.byteLength > from) expected.push(sha256Hex(bytes.subarray(from)));
    assert.deepEqual(content, expected);
  }
  assert.ok(batches.length < 40, `${batches.length} batches`);
});

test('a content that breaks off is not stored as a whole one, and no more is in flight than may be', async () => {
  let inFlight = 0;
  let most = 0;
  const store = fakeStore();
  const memories = new Set<ArrayBufferLike>();
  const intake = new ContentIntake(async (batch, onCut) => {
    memories.add(batch.bytes.buffer);
    inFlight += batch.bytes.byteLength;
    most = Math.max(most, inFlight);
    const contents = await store(batch, onCut);
    inFlight -= batch.bytes.byteLength;
    return contents;
  });
  async function* zeros(fails: boolean): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 256; i++) yield new Uint8Array(1 << 20);
    if (fails) throw new CodedError({ code: 'source-incomplete', message: 'cut' });
  }
  await assert.rejects(intake.take(zeros(true)), (error) => CodedError.is(error, 'source-incomplete'));
  const { stored } = await intake.take(zeros(false));
  intake.flush();
  assert.equal((await stored).sizeBytes, 256 << 20);
  assert.ok(most <= 6 * (13 << 20), `${most} bytes`);
  assert.ok(memories.size <= 6, `${memories.size} memories`);
});

test('what cannot be stored fails the contents that were stored with it', async () => {
  const intake = new ContentIntake(() => Promise.reject(new CodedError({ code: 'storage-full', message: 'full' })));
  const small = { ...(await intake.take(inParts(new Uint8Array(10)))) };
  intake.flush();
  await assert.rejects(small.stored, (error) => CodedError.is(error, 'storage-full'));
  await assert.rejects(intake.take(inParts(new Uint8Array(13 << 20))), (error) => CodedError.is(error, 'storage-full'));
});

async function* inParts(bytes: Uint8Array, fails = false): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
  if (fails) throw new CodedError({ code: 'source-incomplete', message: 'cut' });
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
