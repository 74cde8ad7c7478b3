import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distinctRoots } from './distinct-roots.ts';

test('paths that name the same place count once', () => {
  assert.equal(distinctRoots(['/data', '/data/', '//data', '/x/../data', '/data/.']), 1);
  assert.equal(distinctRoots(['/data', '/data/x', '/']), 3);
});
