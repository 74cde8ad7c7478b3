import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareTrees, showDifferences } from './compare-trees.ts';

test('copies are equal, and every change is seen', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-compare-'));
  t.after(() => rmSync(root, { recursive: true }));
  const a = join(root, 'a');
  mkdirSync(join(a, 'dir', 'inner'), { recursive: true });
  for (const name of ['mode', 'time', 'size', 'content', 'gone', 'kind', 'dir/inner/file'])
    writeFileSync(join(a, name), `content of ${name}`);
  symlinkSync('somewhere', join(a, 'link'));
  for (const name of ['one', 'two', 'three']) writeFileSync(join(a, name), 'same');
  linkSync(join(a, 'one'), join(a, 'one-more'));
  const b = join(root, 'b');
  execFileSync('cp', ['-a', a, b]);
  const compare = (): string[] => compareTrees(Buffer.from(a), Buffer.from(b)).map(({ path, aspect }) => `${path} ${aspect}`);
  assert.equal(showDifferences(compareTrees(Buffer.from(a), Buffer.from(b), { roots: true })), '');

  chmodSync(join(b, 'mode'), 0o4711);
  utimesSync(join(b, 'time'), 1, 1.5);
  appendFileSync(join(b, 'size'), '!');
  writeFileSync(join(b, 'content'), 'CONTENT of content');
  unlinkSync(join(b, 'gone'));
  unlinkSync(join(b, 'kind'));
  mkdirSync(join(b, 'kind'));
  unlinkSync(join(b, 'link'));
  symlinkSync('elsewhere', join(b, 'link'));
  unlinkSync(join(b, 'one-more'));
  writeFileSync(join(b, 'one-more'), 'same');
  writeFileSync(join(b, 'dir', 'inner', 'new'), '');
  const seen = compare().filter((line) => !/^(size|content|link|one-more|dir\/inner) mtime$/.test(line));
  assert.deepEqual(seen, [
    'content content',
    'dir/inner/new unexpected',
    'gone missing',
    'kind type',
    'link link-target',
    'mode mode',
    'one-more hard-links',
    'size size',
    'time mtime',
  ]);
});
