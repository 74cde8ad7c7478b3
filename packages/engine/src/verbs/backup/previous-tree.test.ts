import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeTree } from '../../format/encode-tree.ts';
import { FileNodeMatcher } from '../../format/file-node-matcher.ts';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import type { FileStat } from '../../posix/file-stat.ts';
import { PreviousTree } from './previous-tree.ts';

const matcher = new FileNodeMatcher(new LocalTimeFormatter('UTC'), { userName: () => undefined, groupName: () => undefined }, false);

function statOf(inode: number): FileStat {
  const times = { atimeSeconds: 7, atimeNanos: 0, mtimeSeconds: 7, mtimeNanos: 0, ctimeSeconds: 7, ctimeNanos: 0 };
  return { mode: 0o100644, uid: 0, gid: 0, links: 1, sizeBytes: 5, inode: BigInt(inode), deviceId: 1n, device: 0n, ...times };
}

function nodeOf(name: string, inode: number, content: readonly string[]): string {
  const time = '1970-01-01T00:00:07Z';
  const start = `{"name":"${name}","type":"file","mode":420,"mtime":"${time}","atime":"${time}","ctime":"${time}","uid":0,"gid":0`;
  return `${start},"inode":${inode},"device_id":1,"size":5,"links":1,"content":[${content.map((id) => `"${id}"`).join(',')}]}`;
}

const idOf = (number: number): string => number.toString(16).padStart(64, '0');

test('what is passed over is what was there, in order and without gaps; the rest is found the slow way', () => {
  const entry = fc.record({
    inode: fc.nat({ max: 3 }),
    chunks: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
    fate: fc.constantFrom('same', 'same', 'same', 'same', 'changed', 'removed', 'new'),
  });
  const stored = fc.uniqueArray(fc.nat({ max: 5 }), { minLength: 4, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), stored, (entries, known) => {
      const named = entries.map((each, i) => ({ ...each, name: `f${String(i).padStart(2, '0')}` }));
      const before = named.filter(({ fate }) => fate !== 'new');
      const nodes = before.map(({ name, inode, chunks }) => nodeOf(name, inode, chunks.map(idOf)));
      const previous = new PreviousTree(encodeTree(nodes));
      const isStored = (id: Uint8Array): boolean => known.some((number) => Buffer.from(id).toString('hex') === idOf(number));
      const taken: string[] = [];
      const take = (): void => {
        const skipped = previous.takeSkipped();
        if (skipped !== undefined) taken.push(Buffer.from(skipped).toString());
      };
      const expected: string[] = [];
      let all = before.length > 0 && before.length === named.length;
      for (const { name, inode, chunks, fate } of named) {
        if (fate === 'removed') {
          all = false;
          continue;
        }
        const stat = statOf(fate === 'changed' ? inode + 10 : inode);
        const skipped = previous.skipFile(matcher, name, stat, isStored);
        if (skipped) {
          assert.ok(fate === 'same' && chunks.every((chunk) => known.includes(chunk)));
          expected.push(nodeOf(name, inode, chunks.map(idOf)));
          continue;
        }
        all = false;
        take();
        const found = previous.find(Buffer.from(name));
        assert.equal(found !== undefined, fate !== 'new');
        if (found !== undefined) assert.equal(found.inode, BigInt(inode));
      }
      assert.equal(previous.isSkippedWhole, all);
      take();
      assert.equal(taken.join(','), expected.join(','));
    }),
    { numRuns: 2000 },
  );
});

test('a tree with anything behind its nodes is not taken as a whole', () => {
  const node = nodeOf('f', 1, [idOf(1)]);
  for (const [text, whole] of [
    [`{"nodes":[${node}]}\n`, true],
    [`{"nodes":[${node}]}`, false],
    [`{"nodes":[${node}],"other":1}\n`, false],
    [`{"nodes":[${node}]}\n\n`, false],
    [`{"nodes": [${node}]}\n`, false],
  ] as const) {
    const previous = new PreviousTree(Buffer.from(text));
    previous.skipFile(matcher, 'f', statOf(1), () => true);
    assert.equal(previous.isSkippedWhole, whole, text);
  }
});
