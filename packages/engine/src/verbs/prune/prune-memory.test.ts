import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syntheticId, syntheticIndex } from '../../../../../test/support/synthetic-index.ts';
import { encodeTree } from '../../format/encode-tree.ts';
import { recordWords, segmentRecords } from '../../index/blob-table.ts';
import { IndexInventory } from '../inventory/index-inventory.ts';
import { TreeMarker } from '../used-blobs/tree-marker.ts';
import { newMarks, usedBit } from '../used-blobs/tree-walk-job.ts';
import { planPrune } from './plan-prune.ts';
import { unusedShare } from './prune-options.ts';

const blobs = Number(process.env['HOLDFAST_SCALE_BLOBS'] ?? '100000');
const blobsPerTree = 1000;
/** The index grows by so much at a time. */
const segmentBytes = segmentRecords * recordWords * 4;
const times = '"mtime":"2026-01-01T00:00:00Z","atime":"2026-01-01T00:00:00Z","ctime":"2026-01-01T00:00:00Z"';

/** A tree with a file for each of these blobs. */
function treeOf(from: number, to: number): Uint8Array {
  const nodes: string[] = [];
  for (let n = from; n < to; n++) {
    const id = syntheticId(n).toString('hex');
    nodes.push(
      `{"name":"f${n}","type":"file","mode":420,${times},"uid":0,"gid":0,"inode":${n},"size":1000000,"links":1,"content":["${id}"]}`,
    );
  }
  return encodeTree(nodes);
}

test(`F37 mem-budget: the index takes no more than 64 bytes a blob, prune's marks no more than 4, all within stated memory (${blobs} blobs)`, (t) => {
  const inventory = new IndexInventory();
  const stored = new Map<string, number>();
  let files = 0;
  for (const json of syntheticIndex(blobs)) inventory.addFile(`${files++}`, json);
  const { index } = inventory;
  assert.equal(index.size, blobs);
  for (let pack = 0; pack < inventory.packCount; pack++) stored.set(index.packId(pack), inventory.packBytes(pack));
  const indexBytes = index.memoryBytes / blobs;

  const marks = newMarks(index.size);
  const marker = new TreeMarker(index.share(), marks);
  const usedBlobs = Math.floor(blobs / 2); // the older half is what forgotten snapshots used
  for (let from = blobs - usedBlobs; from < blobs; from += blobsPerTree)
    marker.visit(0, treeOf(from, Math.min(blobs, from + blobsPerTree)));
  assert.deepEqual(marker.take().faults, []);
  assert.equal(
    marks.reduce((sum, bits) => sum + (bits & usedBit), 0),
    usedBlobs,
  );
  const startMs = performance.now();
  const plan = planPrune({ version: 2, inventory, stored, marks }, { maxUnusedBytes: unusedShare(5) });
  const planMs = performance.now() - startMs;
  assert.equal(plan.figures.blobs.used, usedBlobs);
  const rssBytes = process.memoryUsage.rss();
  t.diagnostic(
    `index ${indexBytes.toFixed(1)} B a blob, marks ${marks.byteLength / blobs}, plan in ${planMs.toFixed()} ms, RSS ${rssBytes >> 20} MiB`,
  );
  assert.ok(index.memoryBytes <= 64 * blobs + segmentBytes, `${indexBytes} bytes a blob`);
  assert.ok(marks.byteLength / blobs <= 4);
  assert.ok(rssBytes <= (400 << 20) + 90 * blobs, `${rssBytes} bytes of memory`);
});
