import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { expandGlob } from './expand-glob.ts';
import { pathText } from './path-text.ts';

test('a pattern finds what filepath.Glob finds', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-glob-'));
  try {
    for (const name of ['ab', 'a{b,c}', '.hidden', 'x', 'x/*', 'x/in']) mkdirSync(join(root, name));
    const odd = Buffer.concat([Buffer.from(join(root, 'x/')), Buffer.of(0xfc)]);
    writeFileSync(odd, '');
    const found = (pattern: string): string[] => expandGlob(join(root, pattern)).map((path) => pathText(path).slice(root.length + 1));
    assert.deepEqual(found('*'), ['.hidden', 'ab', 'a{b,c}', 'x']);
    assert.deepEqual(found('a{b,c}*'), ['a{b,c}']);
    assert.deepEqual(found('[^a]*'), ['.hidden', 'x']);
    assert.deepEqual(found('*/in'), ['x/in']);
    assert.deepEqual(found('x/\\*'), ['x/*']);
    assert.deepEqual(expandGlob(pathText(odd)), [odd]);
    assert.deepEqual(expandGlob(join(root, 'missing')), [Buffer.from(join(root, 'missing'))]);
    assert.deepEqual(found('none*'), []);
    assert.throws(() => expandGlob('[a'), { code: 'invalid-argument' });
  } finally {
    rmSync(root, { recursive: true });
  }
});
