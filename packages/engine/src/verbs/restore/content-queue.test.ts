import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@holdfast/kernel';
import fc from 'fast-check';
import { BlobRepository, plainNode } from '../../../../../test/support/blob-repository.ts';
import { BlobIndex } from '../../index/blob-index.ts';
import { ContentQueue } from './content-queue.ts';
import { RestorePlanner } from './plan-restore.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? 100);

interface Blob {
  readonly pack: number;
  readonly sizeBytes: number;
}

const blobs: fc.Arbitrary<readonly Blob[]> = fc.array(fc.record({ pack: fc.nat(3), sizeBytes: fc.nat(6_000_000) }), {
  minLength: 1,
  maxLength: 12,
});

test('every wanted piece is in exactly one range, at its place in its file, and ranges are bounded', async () => {
  await fc.assert(
    fc.asyncProperty(
      blobs,
      fc.array(fc.array(fc.nat(100), { maxLength: 5 }), { minLength: 1, maxLength: 10 }),
      fc.nat(4),
      async (all, files, unwanted) => {
        const repository = new BlobRepository();
        const index = new BlobIndex();
        const ends = [0, 0, 0, 0];
        const packs = ends.map((_, i) => index.addPack(`pack ${i}`));
        const ids = all.map(({ pack, sizeBytes }, i) => {
          const id = Buffer.alloc(32, i + 1);
          index.add('data', id, {
            pack: packs[pack] as number,
            offset: ends[pack] as number,
            sealedBytes: sizeBytes + 32,
            uncompressedBytes: 0,
          });
          ends[pack] = (ends[pack] as number) + sizeBytes + 32;
          return id.toString('hex');
        });
        const contents = files.map((picks) => picks.map((pick) => pick % all.length));
        const tree = repository.addTree(
          contents.map((content, i) => {
            const sizeBytes = content.reduce((sum, blob) => sum + (all[blob]?.sizeBytes ?? 0), 0);
            return plainNode({ name: `f${i}`, type: 'file', content: content.map((blob) => ids[blob] as string), sizeBytes });
          }),
        );
        repository.closePack();
        const source = {
          storage: repository.storage,
          masterKey: repository.masterKey,
          index,
          loadBlob: repository.loadBlob.bind(repository),
        };
        const planner = new RestorePlanner(
          source,
          { tree, target: '/nowhere' },
          () => true,
          () => assert.fail(),
        );
        const { plan } = planner;
        const waves = await Array.fromAsync(planner.waves(new AbortController().signal));
        assert.deepEqual(waves, [{ from: 0, to: files.length + 1 }]);
        const queue = new ContentQueue(
          plan,
          index,
          files.keys().map((i) => i + 1),
          (_, place) => place !== unwanted,
        );
        const expected: string[] = [];
        for (const [i, content] of contents.entries()) {
          let offset = 0;
          for (const [place, blob] of content.entries()) {
            if (place !== unwanted) expected.push(`${index.findHex('data', ids[blob] as string)} → ${i + 1} at ${offset}`);
            offset += all[blob]?.sizeBytes ?? 0;
          }
          assert.equal(plan.shared.remaining[i + 1], content.filter((_, place) => place !== unwanted).length);
        }
        const found: string[] = [];
        const seen = new Set<number>();
        for (const { pack, offset, length, records, useStarts, useEntries, useOffsets } of queue.ranges()) {
          assert.ok(length <= 8 << 20 || records.length === 1);
          for (const [place, record] of records.entries()) {
            const location = index.location(record);
            assert.equal(index.packId(location.pack), pack);
            assert.ok(location.offset >= offset && location.offset + location.sealedBytes <= offset + length);
            assert.ok(!seen.has(record));
            seen.add(record);
            for (let use = useStarts[place] as number; use < (useStarts[place + 1] as number); use++) {
              found.push(`${record} → ${useEntries[use]} at ${useOffsets[use]}`);
            }
          }
        }
        assert.deepEqual(found.sort(), expected.sort());
        assert.equal(index.find('data', fromHex(ids[0] as string)), 0);
      },
    ),
    { numRuns: runs },
  );
});
