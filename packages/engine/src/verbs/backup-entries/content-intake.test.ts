import assert from 'node:assert/strict';
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
import type { BackupOptions } from '../backup/backup-options.ts';
import { walkSnapshot } from '../walk-snapshot.ts';
import { ContentIntake } from './content-intake.ts';

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

test('a content that breaks off is not stored as a whole one, and no more is in flight than may be', async () => {
  let inFlight = 0;
  let most = 0;
  const intake = new ContentIntake(async (bytes, atEnd, onCut) => {
    inFlight += bytes.byteLength;
    most = Math.max(most, inFlight);
    onCut(atEnd ? bytes.byteLength : 8 << 20);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inFlight -= bytes.byteLength;
    return ['id'];
  });
  async function* zeros(fails: boolean): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 256; i++) yield new Uint8Array(1 << 20);
    if (fails) throw new CodedError({ code: 'source-incomplete', message: 'cut' });
  }
  await assert.rejects(intake.take(zeros(true)), (error) => CodedError.is(error, 'source-incomplete'));
  const { stored } = await intake.take(zeros(false));
  assert.equal((await stored).sizeBytes, 256 << 20);
  assert.ok(most <= (48 << 20) + (12 << 20), `${most} bytes`);
});
