import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeTree } from './decode-tree.ts';
import { encodeNode } from './encode-node.ts';
import { encodeTree } from './encode-tree.ts';
import { goModeBits, goModeFromUnix, unixPermissions } from './go-mode.ts';
import { goQuote, goUnquote } from './go-quote.ts';
import { LocalTimeFormatter, parseTime } from './go-time.ts';
import { decodeIndex, encodeIndex } from './index-file.ts';
import { decodePackHeader, encodePackHeader } from './pack-header.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';
import { nodeTypes, type TreeNode } from './tree-node.ts';

const id = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hexId = id.map((bytes) => Buffer.from(bytes).toString('hex'));
const blob = fc.record({
  type: fc.constantFrom('data' as const, 'tree' as const),
  id,
  sealedBytes: fc.integer({ min: 32, max: 2 ** 32 - 1 }),
  uncompressedBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});
/**
 * From 1938, when the last of these zones had given up offsets with seconds, which RFC 3339 cannot say: of earlier times restic, and so
 * Holdfast, loses those seconds. To the last day of 9999, where RFC 3339 ends.
 */
const timeNs = fc.bigInt({ min: -1_000_000_000_000_000_000n, max: 253_402_200_000_000_000_000n });
const name = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x2f || byte === 0 ? 0x5f : byte))))
  .filter((bytes) => bytes.toString('latin1') !== '.' && bytes.toString('latin1') !== '..');

test('a pack header is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(blob, { maxLength: 20 }), (blobs) =>
      assert.deepEqual(
        decodePackHeader(encodePackHeader(blobs)),
        blobs.map((each) => ({ ...each, id: Buffer.from(each.id) })),
      ),
    ),
  );
});

test('an index is read as it was written, whatever else stands in it', () => {
  const located = fc.tuple(blob, fc.integer({ min: 0, max: 2 ** 32 - 1 })).map(([each, offset]) => ({ ...each, offset }));
  fc.assert(
    fc.property(fc.array(fc.record({ id: hexId, blobs: fc.array(located, { maxLength: 6 }) }), { maxLength: 5 }), (packs) => {
      for (const bytes of [encodeIndex(packs), unusual(encodeIndex(packs))]) {
        const read: { id: string; blobs: unknown[] }[] = [];
        decodeIndex(bytes, {
          pack: (pack) => void read.push({ id: pack, blobs: [] }),
          blob: (type, blobId, offset, sealedBytes, uncompressedBytes) =>
            void read.at(-1)?.blobs.push({ type, id: blobId.slice(), sealedBytes, uncompressedBytes, offset }),
        });
        assert.deepEqual(
          read,
          packs.map((pack) => ({ id: pack.id, blobs: pack.blobs.map((each) => ({ ...each, id: Uint8Array.from(each.id) })) })),
        );
      }
    }),
  );
});

/** The same index with keys in another order, spaces and keys of other programs. */
function unusual(bytes: Uint8Array): Uint8Array {
  const { packs } = JSON.parse(Buffer.from(bytes).toString()) as { packs: { id: string; blobs: Record<string, unknown>[] }[] };
  const reversed = packs.map(({ id: pack, blobs }) => ({
    blobs: blobs.map((each) => Object.fromEntries(Object.entries({ ...each, other: [{}, null, 'x"\\'] }).reverse())),
    id: pack,
  }));
  return Buffer.from(JSON.stringify({ supersedes: ['x'], packs: reversed }, undefined, 1));
}

test('a name keeps every byte through the quoting of Go, and no two become one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (a, b) => {
      assert.deepEqual(goUnquote(goQuote(a)), Buffer.from(a));
      assert.equal(goQuote(a) === goQuote(b), Buffer.compare(a, b) === 0);
    }),
  );
});

test('a time keeps every nanosecond, in every zone', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns']) {
    const times = new LocalTimeFormatter(zone);
    fc.assert(fc.property(timeNs, (ns) => assert.equal(parseTime(times.format(ns)), ns)));
  }
});

test('a mode keeps its permissions and tells its type as Go does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0o7777 }), (bits) => assert.equal(unixPermissions(goModeFromUnix(0o100000 | bits)), bits)),
  );
  assert.equal(goModeFromUnix(0o041777), goModeBits.directory + goModeBits.sticky + 0o777);
  assert.equal(goModeFromUnix(0o104755), goModeBits.setuid + 0o755);
  assert.equal(goModeFromUnix(0o020620), goModeBits.device + goModeBits.character + 0o620);
});

test('a tree is read as it was written', () => {
  const node: fc.Arbitrary<TreeNode> = fc.record({
    name,
    type: fc.constantFrom(...nodeTypes.filter((type) => type !== 'irregular')),
    mode: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    mtimeNs: timeNs,
    atimeNs: timeNs,
    ctimeNs: timeNs,
    uid: fc.nat(),
    gid: fc.nat(),
    user: fc.string(),
    group: fc.string(),
    inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    deviceId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    sizeBytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    links: fc.nat(),
    linkTarget: fc.constant(undefined),
    extendedAttributes: fc.constant([]),
    genericAttributes: fc.constant(undefined),
    device: fc.constant(0n),
    content: fc.constant(null),
    subtree: fc.constant(undefined),
    error: fc.constant(undefined),
  });
  const times = new LocalTimeFormatter('Europe/Berlin');
  fc.assert(
    fc.property(fc.uniqueArray(node, { maxLength: 5, selector: (each) => Buffer.from(each.name).toString('latin1') }), (nodes) => {
      nodes.sort((a, b) => Buffer.compare(a.name, b.name));
      const read = [...decodeTree(encodeTree(nodes.map((each) => encodeNode(each, times))))];
      for (const [i, each] of nodes.entries()) {
        const back = read[i] as TreeNode;
        assert.deepEqual(
          [Buffer.from(back.name), back.type, back.mode, back.mtimeNs, back.inode],
          [each.name, each.type, each.mode, each.mtimeNs, each.inode],
        );
        assert.deepEqual(
          [back.atimeNs, back.ctimeNs, back.uid, back.gid, back.deviceId],
          [each.atimeNs, each.ctimeNs, each.uid, each.gid, each.deviceId],
        );
        assert.deepEqual([back.user, back.group], [each.user.toWellFormed(), each.group.toWellFormed()]);
      }
      assert.equal(read.length, nodes.length);
    }),
    { numRuns: 60 },
  );
});

test('a snapshot is read as it was written', () => {
  const fields = fc.record({
    time: fc.constant('2026-11-24T10:11:12.123456789+01:00'),
    parent: fc.option(hexId, { nil: undefined }),
    tree: hexId,
    paths: fc.array(fc.string({ unit: 'grapheme' })),
    hostname: fc.string({ unit: 'grapheme' }),
    username: fc.string({ unit: 'grapheme' }),
    uid: fc.nat(),
    gid: fc.nat(),
    excludes: fc.array(fc.string({ unit: 'grapheme' })),
    tags: fc.array(fc.string({ unit: 'grapheme' })),
    original: fc.option(hexId, { nil: undefined }),
    programVersion: fc.string({ unit: 'grapheme' }),
    summary: fc.constant(undefined),
  });
  fc.assert(
    fc.property(fields, (snapshot) => {
      assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot)), { ...snapshot, timeNs: parseTime(snapshot.time) });
    }),
  );
});
