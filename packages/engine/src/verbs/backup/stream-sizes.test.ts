import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret, systemRandom } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { decodeTree } from '../../format/decode-tree.ts';
import { Repository } from '../../repository/repository.ts';
import { backup } from './backup.ts';
import { segmentBytes } from './content-store.ts';

for (const sizeBytes of [0, 1, segmentBytes - 1, segmentBytes, segmentBytes + 1, 40_000_000]) {
  test(`a stream of ${sizeBytes} bytes is stored and comes back`, async () => {
    const content = Buffer.from(systemRandom.bytes(sizeBytes));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let from = 0; from < sizeBytes; from += 3_000_001) yield content.subarray(from, from + 3_000_001);
    }
    await using repository = await Repository.init({
      storage: new MemoryStorage(),
      password: new Secret('x'),
      scrypt: { N: 16, r: 1, p: 1 },
    });
    await using lock = await repository.lockAndLoadIndex({ exclusive: false });
    const stream = { name: 'stdin', bytes: pieces() };
    const { tree } = await backup([{ repository, lock, parent: undefined }], { targets: [], stream });
    const [node] = decodeTree(await repository.loadBlob('tree', tree));
    assert.equal(node?.sizeBytes, sizeBytes);
    const chunks = await Promise.all((node?.content ?? []).map((id) => repository.loadBlob('data', id)));
    assert.ok(Buffer.concat(chunks).equals(content));
  });
}
