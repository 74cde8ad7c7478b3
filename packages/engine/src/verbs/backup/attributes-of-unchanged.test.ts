import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Secret } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { decodeTree } from '../../format/decode-tree.ts';
import { removeExtendedAttribute, setExtendedAttribute } from '../../posix/extended-attributes.ts';
import { Repository } from '../../repository/repository.ts';
import { backup } from './backup.ts';

const [file, attribute] = ['file', 'user.comment'];

/** A directory; and one where a change time need not follow the attributes. */
const places = {
  'the temporary directory': temporaryDirectory,
  'a tmpfs': (t: TestContext): string => {
    const path = temporaryDirectory(t, () => execFileSync('umount', [path]));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
    } catch (error) {
      if (process.env['CI'] !== undefined) throw error;
      t.skip('needs to mount a tmpfs');
    }
    return path;
  },
};

function temporaryDirectory(t: TestContext, before?: () => void): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-attributes-'));
  t.after(() => {
    before?.();
    rmSync(path, { recursive: true });
  });
  return path;
}

for (const [place, prepare] of Object.entries(places)) {
  for (const ignoreCtime of [false, true]) {
    test(`attributes of a file that is else unchanged are noticed: in ${place}${ignoreCtime ? ', change times ignored' : ''}`, async (t) => {
      const root = prepare(t);
      writeFileSync(join(root, file), 'content');
      const repository = await Repository.init({ storage: new MemoryStorage(), password: new Secret('x'), scrypt: { N: 16, r: 1, p: 1 } });
      const run = async (): Promise<readonly string[]> => {
        await using lock = await repository.lockAndLoadIndex({ exclusive: false });
        const parent = (await repository.snapshots()).at(-1);
        const { destinations, problems } = await backup([{ repository, lock, parent }], {
          targets: [Buffer.from(join(root, file))],
          ignoreCtime,
        });
        assert.deepEqual([problems, destinations[0]?.error], [[], undefined]);
        let tree = (await repository.snapshots()).at(-1)?.tree;
        for (;;) {
          const [node] = decodeTree(await repository.loadBlob('tree', tree ?? ''));
          if (node?.type === 'file') return node.extendedAttributes.map(({ name, value }) => `${Buffer.from(name)}=${Buffer.from(value)}`);
          tree = node?.subtree;
        }
      };
      const target = Buffer.from(join(root, file));
      const name = Buffer.from(`${attribute}\0`);
      assert.deepEqual(await run(), []);
      setExtendedAttribute(target, name, Buffer.from('new'));
      assert.deepEqual(await run(), [`${attribute}=new`]);
      setExtendedAttribute(target, name, Buffer.from('other'));
      assert.deepEqual(await run(), [`${attribute}=other`]);
      assert.deepEqual(await run(), [`${attribute}=other`]);
      removeExtendedAttribute(target, name);
      assert.deepEqual(await run(), []);
    });
  }
}
