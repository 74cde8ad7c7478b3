import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

test('every link of a document to a file of this repository leads somewhere', () => {
  for (const name of documents) {
    const text = readFileSync(join(root, name), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (link === undefined || /^[a-z]+:/.test(link)) continue;
      assert.ok(existsSync(join(root, dirname(name), link)), `${name} links to ${link}`);
    }
  }
});

test('every source file that a document names exists', () => {
  for (const name of documents) {
    const text = readFileSync(join(root, name), 'utf8');
    for (const [, path] of text.matchAll(/`([\w-]+\/[\w/.-]+\.(?:ts|js|json))`/g)) {
      if (path === undefined || path.startsWith('node_modules/')) continue;
      const places = [join(root, path), join(root, 'packages/engine/src', path)];
      assert.ok(places.some(existsSync), `${name} names ${path}`);
    }
  }
});
