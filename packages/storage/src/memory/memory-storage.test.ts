import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleBytes, sampleFile } from '../conformance/samples.ts';
import { storageConformance } from '../conformance/storage-conformance.ts';
import { bytesBody } from '../port/index.ts';
import { MemoryStorage } from './memory-storage.ts';

for (const appendOnly of [false, true]) {
  storageConformance(appendOnly ? 'append-only memory' : 'memory', async () => {
    const storage = new MemoryStorage({ appendOnly });
    return {
      storage,
      reopen: async () => new MemoryStorage({ appendOnly, files: storage.files }),
      cleanup: async () => storage.files.clear(),
    };
  });
}

test('a test can look at files and damage them', async () => {
  await using storage = new MemoryStorage({ description: 'a shelf' });
  const file = sampleFile('data');
  await storage.save(file, bytesBody(sampleBytes(10)));
  assert.deepEqual(storage.files.get(`data/${file.name}`), sampleBytes(10));
  storage.files.set(`data/${file.name}`, sampleBytes(4));
  await assert.rejects(storage.load(file, { offset: 0, length: 10 }), { code: 'storage-short-read' });
  storage.files.set('data/stranger', sampleBytes(4));
  assert.equal((await Array.fromAsync(storage.list('data'))).length, 1);
});

test('append-only memory refuses to replace files and to remove any but locks', async () => {
  await using storage = new MemoryStorage({ appendOnly: true });
  for (const type of ['data', 'lock'] as const) {
    await storage.save(sampleFile(type), bytesBody(sampleBytes(10)));
    await assert.rejects(storage.save(sampleFile(type), bytesBody(sampleBytes(9))), { code: 'storage-exists' });
  }
  await assert.rejects(storage.remove(sampleFile('data')), { code: 'storage-denied' });
  await storage.remove(sampleFile('lock'));
  assert.deepEqual(await storage.load(sampleFile('data')), sampleBytes(10));
});
