import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, toHex } from '@holdfast/kernel';
import fc from 'fast-check';
import { decodeTree } from '../../format/decode-tree.ts';
import { encodeNode } from '../../format/encode-node.ts';
import { encodeTree } from '../../format/encode-tree.ts';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import { TreeScan } from './tree-scan.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '200');
const times = new LocalTimeFormatter('Europe/Amsterdam');
const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const timeNs = fc.bigInt({ min: -(10n ** 18n), max: 4n * 10n ** 18n });
const name = fc.oneof(fc.stringMatching(/^[a-z0-9 _-]{1,12}$/), fc.string({ minLength: 1, maxLength: 8 })).map((text) => Buffer.from(text));
const node: fc.Arbitrary<TreeNode> = fc
  .record({
    name,
    type: fc.constantFrom('file', 'dir', 'symlink', 'fifo'),
    mode: u32,
    mtimeNs: timeNs,
    atimeNs: timeNs,
    ctimeNs: timeNs,
    uid: u32,
    gid: u32,
    user: fc.constantFrom('', 'root', 'jörg'),
    group: fc.constantFrom('', 'users'),
    inode: fc.oneof(u64, fc.bigInt({ min: 0n, max: 10n ** 9n })),
    deviceId: fc.bigInt({ min: 0n, max: 70000n }),
    sizeBytes: fc.nat(),
    links: fc.nat(3),
    xattr: fc.boolean(),
    ids: fc.array(id, { maxLength: 3 }),
    subtree: id,
  })
  .map(({ xattr, ids, subtree, type, ...rest }) => ({
    ...rest,
    type,
    linkTarget: type === 'symlink' ? Buffer.from('../x') : undefined,
    extendedAttributes: xattr && rest.links === 3 ? [{ name: Buffer.from('user.a'), value: Buffer.from('b') }] : [],
    genericAttributes: undefined,
    device: 0n,
    content: type === 'file' ? ids : null,
    subtree: type === 'dir' ? subtree : undefined,
    error: undefined,
  }));
const tree = fc.array(node, { maxLength: 5 }).map((nodes) => encodeTree(nodes.map((each) => encodeNode(each, times))));

/** What the scan told, or undefined when it gave up. */
function scanned(bytes: Uint8Array): string[] | undefined {
  const scan = new TreeScan();
  const found: string[] = [];
  const note = (kind: string): boolean => found.push(`${kind} ${toHex(scan.id)}`) > 0;
  return scan.scan(bytes, { blob: () => note('data'), subtree: () => note('tree') }) ? found : undefined;
}

function decoded(bytes: Uint8Array): string[] | CodedError {
  try {
    return [...decodeTree(bytes, { tolerateDisorder: true })].flatMap((each) =>
      each.type === 'file'
        ? (each.content ?? []).map((blob) => `data ${blob}`)
        : each.subtree === undefined
          ? []
          : [`tree ${each.subtree}`],
    );
  } catch (error) {
    assert.ok(CodedError.is(error, 'format-invalid'));
    return error;
  }
}

test('the scan finds what the decoder finds, or gives up', () => {
  let accepted = 0;
  fc.assert(
    fc.property(tree, (bytes) => {
      const found = scanned(bytes);
      if (found === undefined) return;
      accepted += 1;
      assert.deepEqual(found, decoded(bytes));
    }),
    { numRuns: runs },
  );
  assert.ok(accepted > runs / 20);
});

test('whatever is changed in a tree: the scan accepts nothing that the decoder refuses or reads otherwise', () => {
  const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\,:{}[]0Z9.+-f'))), fc.constantFrom(0, 1, 2));
  fc.assert(
    fc.property(tree, fc.array(change, { minLength: 1, maxLength: 3 }), (original, changes) => {
      let bytes: Uint8Array = original;
      for (const [at, value, kind] of changes) {
        const place = at % bytes.byteLength;
        const rest = bytes.subarray(place + (kind === 2 ? 0 : 1));
        bytes = Buffer.concat([bytes.subarray(0, place), kind === 1 ? Buffer.alloc(0) : Uint8Array.of(value), rest]);
      }
      const found = scanned(bytes);
      if (found !== undefined) assert.deepEqual(found, decoded(bytes));
    }),
    { numRuns: runs * 5 },
  );
});

test('an ordinary tree is scanned, an empty one too', () => {
  assert.deepEqual(scanned(encodeTree([])), []);
  const plain =
    '{"name":"a","type":"file","mode":420,"mtime":"2026-02-28T23:59:59.5+01:00","atime":"2026-02-28T23:59:59Z","ctime":"2024-02-29T00:00:00Z",' +
    `"uid":0,"gid":0,"user":"root","group":"root","inode":42,"device_id":65024,"size":3,"links":1,"content":["${'ab'.repeat(32)}"]}`;
  assert.deepEqual(scanned(encodeTree([plain])), [`data ${'ab'.repeat(32)}`]);
  assert.equal(scanned(encodeTree([plain.replace('2024-02-29', '2025-02-29')])), undefined);
  assert.equal(scanned(encodeTree([plain.replace('"name":"a"', '"name":".."')])), undefined);
});
