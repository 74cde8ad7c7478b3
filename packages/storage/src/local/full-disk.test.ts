import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { sampleBytes, sampleFile } from '../conformance/samples.ts';
import { bytesBody } from '../port/index.ts';
import { LocalStorage } from './local-storage.ts';

const run = promisify(execFile);

/** Runs the work on a file system of 8 MiB, where this account may mount one. */
async function onSmallDisk(t: TestContext, work: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-full-'));
  try {
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path]);
    } catch (error) {
      if (process.env['CI'] !== undefined) throw error;
      return t.skip('needs to mount a tmpfs');
    }
    try {
      await work(path);
    } finally {
      await run('umount', [path]);
    }
  } finally {
    await rm(path, { recursive: true });
  }
}

test('a full disk is storage-full, leaves nothing of the failed save and keeps the rest', async (t) => {
  await onSmallDisk(t, async (path) => {
    await using storage = new LocalStorage({ path });
    await storage.create();
    const kept = sampleBytes(3 << 20, 1);
    await storage.save(sampleFile('data', 1), bytesBody(kept));
    const directory = join(path, 'data', sampleFile('data', 2).name.slice(0, 2));
    const parts = Array.from({ length: 60 }, (_, index) => sampleBytes(100_000, index));
    for (const body of [bytesBody(sampleBytes(6 << 20)), bytesBody(sampleBytes(20 << 20)), bytesBody(...parts)]) {
      const full = { name: 'CodedError', code: 'storage-full', retry: 'permanent' };
      await assert.rejects(storage.save(sampleFile('data', 2), body), full);
      assert.deepEqual(await readdir(directory), []);
    }
    assert.equal(Buffer.compare(await storage.load(sampleFile('data', 1)), kept), 0);
    await storage.remove(sampleFile('data', 1));
    await storage.save(sampleFile('data', 2), bytesBody(sampleBytes(6 << 20)));
    assert.equal((await storage.stat(sampleFile('data', 2))).sizeBytes, 6 << 20);
  });
});
