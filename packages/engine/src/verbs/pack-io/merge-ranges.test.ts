import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlobIndex } from '../../index/blob-index.ts';
import { mergeRanges } from './merge-ranges.ts';

test('ranges hold every blob whole, in order, and keep to the limits', () => {
  const blobs = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 32, max: 500 }), fc.boolean()), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(blobs, fc.nat(200), fc.integer({ min: 100, max: 2000 }), (layout, maxGapBytes, maxRangeBytes) => {
      const index = new BlobIndex();
      const pack = index.addPack('ab'.repeat(32));
      const wanted: number[] = [];
      let offset = 0;
      layout.forEach(([gap, sealedBytes, isWanted], i) => {
        offset += gap;
        const record = index.add('data', new Uint8Array(32).fill(i), { pack, offset, sealedBytes, uncompressedBytes: 0 });
        if (isWanted) wanted.push(record);
        offset += sealedBytes;
      });
      const ranges = mergeRanges(index, wanted.toReversed(), { maxGapBytes, maxRangeBytes });
      assert.deepEqual(
        ranges.flatMap(({ records }) => [...records]),
        wanted,
      );
      for (const range of ranges) {
        assert.ok(range.length <= maxRangeBytes || range.records.length === 1);
        let end = range.offset;
        for (const record of range.records) {
          const blob = index.location(record);
          assert.ok(
            blob.offset >= end && blob.offset - end <= maxGapBytes && blob.offset + blob.sealedBytes <= range.offset + range.length,
          );
          end = blob.offset + blob.sealedBytes;
        }
        assert.equal(end, range.offset + range.length);
      }
    }),
  );
});
