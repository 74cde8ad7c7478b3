import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { fixturePassword, RepositoryFixture } from '../../../../../test/support/repository-fixture.ts';
import { syntheticId, syntheticIndex } from '../../../../../test/support/synthetic-index.ts';
import { Repository } from '../../repository/repository.ts';
import { IndexInventory } from './index-inventory.ts';
import { loadInventory } from './load-inventory.ts';

const blobs = Number(process.env['HOLDFAST_SCALE_BLOBS'] ?? '100000');

test(`F38 lose-db: from the storage alone comes the same view of ${blobs} blobs`, async (t) => {
  const fixture = await RepositoryFixture.make();
  const snapshots = [await fixture.snapshot({ one: ['1'] }, 1), await fixture.snapshot({ two: ['2'] }, 2)];
  for (const json of syntheticIndex(blobs)) await fixture.repository.saveFile('index', json);
  const known = fixture.repository.index; // what the writer knew of its own blobs

  const startMs = performance.now();
  const opened = await Repository.open({ storage: fixture.storage, password: new Secret(fixturePassword) });
  const found = await opened.snapshots();
  await opened.loadIndex();
  const inventory = new IndexInventory();
  await loadInventory(opened, inventory);
  t.diagnostic(`opened and read the index twice in ${(performance.now() - startMs).toFixed()} ms`);

  assert.deepEqual(found.map(({ id }) => id).toSorted(), snapshots.toSorted());
  for (const index of [opened.index, inventory.index]) {
    assert.equal(index.size, blobs + known.size);
    for (let record = 0; record < known.size; record++) {
      const again = index.find(known.type(record), known.idBytes(record));
      const { pack, ...place } = index.location(again);
      const { pack: knownPack, ...knownPlace } = known.location(record);
      assert.deepEqual([index.packId(pack), place], [known.packId(knownPack), knownPlace]);
    }
    for (let n = 0; n < blobs; n += 97) {
      const { offset, sealedBytes, uncompressedBytes } = index.location(index.find('data', syntheticId(n)));
      assert.deepEqual([offset, sealedBytes, uncompressedBytes], [((n % 50_000) % 16) * 1_000_032, 1_000_032, 1_048_576]);
    }
  }
  for (const id of snapshots) assert.ok((await opened.loadTree(found.find((snapshot) => snapshot.id === id)?.tree ?? '')).length > 0);
});

test('one unreadable index file is an error, or is told and the others are read', async () => {
  const fixture = await RepositoryFixture.make();
  await fixture.snapshot({ one: ['1'] }, 1);
  await fixture.snapshot({ two: ['2'] }, 2);
  const [first = ''] = fixture.namesOf('index');
  fixture.memory.files.set(`index/${first}`, new Uint8Array(100));
  await assert.rejects(loadInventory(fixture.repository, new IndexInventory()), (error) => CodedError.is(error, 'file-damaged'));
  const inventory = new IndexInventory();
  const failures: string[] = [];
  await loadInventory(fixture.repository, inventory, { onFailure: (name) => failures.push(name) });
  assert.deepEqual([failures, inventory.files.size], [[first], 1]);
});
