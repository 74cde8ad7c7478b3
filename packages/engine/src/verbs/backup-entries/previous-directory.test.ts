import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { plainNode } from '../../../../../test/support/blob-repository.ts';
import { encodeNode, nodeTemplate } from '../../format/encode-node.ts';
import { encodeTree } from '../../format/encode-tree.ts';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import { PreviousDirectory } from './previous-directory.ts';

const times = new LocalTimeFormatter('Europe/Berlin');
const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const name = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc.constantFrom('a', 'a"', 'a\\', 'é', 'a,b', '}', ']').map((text) => new TextEncoder().encode(text)),
  )
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x2f || byte === 0 ? 0x5f : byte))))
  .filter((bytes) => !['.', '..'].includes(bytes.toString('latin1')));
const nodes: fc.Arbitrary<TreeNode[]> = fc
  .uniqueArray(fc.record({ name, content: fc.array(id, { maxLength: 3 }), isDirectory: fc.boolean(), subtree: id, sizeBytes: fc.nat() }), {
    maxLength: 12,
    selector: (each) => each.name.toString('latin1'),
  })
  .map((all) =>
    all
      .map(({ name: given, content, isDirectory, subtree, sizeBytes }) => ({
        ...plainNode(isDirectory ? { name: '', type: 'dir', subtree } : { name: '', type: 'file', content, sizeBytes }),
        name: given,
      }))
      .sort((a, b) => Buffer.compare(a.name, b.name)),
  );

test('every node of a tree is found by its name in any order, and no other is', () => {
  fc.assert(
    fc.property(nodes, fc.array(name), fc.nat(), (all, others, turn) => {
      const previous = new PreviousDirectory(encodeTree(all.map((node) => encodeNode(node, times))));
      const asked = [...all.slice(turn % (all.length + 1)), ...all.slice(0, turn % (all.length + 1))];
      for (const node of asked) {
        const found = previous.find(node.name);
        assert.deepEqual([found && Buffer.from(found.name), found?.content, found?.subtree], [node.name, node.content, node.subtree]);
        const template = nodeTemplate(node, times);
        const same = previous.sameFile(node.name, template, node.sizeBytes);
        if (node.type === 'file') {
          assert.deepEqual(same?.content, node.content);
          assert.equal(Buffer.from(same?.json ?? []).toString(), encodeNode(node, times));
          assert.equal(previous.sameFile(node.name, template, node.sizeBytes + 1), undefined);
          assert.equal(
            previous.sameFile(node.name, nodeTemplate({ ...node, mtimeNs: node.mtimeNs + 1n }, times), node.sizeBytes),
            undefined,
          );
        } else {
          assert.ok(previous.isSameDirectory(node.name, template, node.subtree ?? ''));
          assert.ok(!previous.isSameDirectory(node.name, template, '0'.repeat(63)));
        }
      }
      for (const other of others) {
        if (!all.some((node) => Buffer.compare(node.name, other) === 0)) assert.equal(previous.find(other), undefined);
      }
    }),
  );
});

test('a tree of another form is no help, and a damaged one is an error of its own', () => {
  const [tree] = [encodeTree([encodeNode(plainNode({ name: 'a', type: 'file', content: [] }), times)])];
  assert.equal(new PreviousDirectory(undefined).find(Buffer.from('a')), undefined);
  assert.equal(new PreviousDirectory(encodeTree([])).find(Buffer.from('a')), undefined);
  assert.equal(new PreviousDirectory(Buffer.from('{ "nodes": [] }')).find(Buffer.from('a')), undefined);
  assert.throws(
    () => new PreviousDirectory(tree.subarray(0, 40)),
    (error) => CodedError.is(error, 'format-invalid'),
  );
});
