import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { databaseOfEntry, entryName } from './entry-name.ts';

test('every name of a database becomes a plain name of a file, and comes back', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: fc.constantFrom(...'./%\\ -a\n'), minLength: 1 })),
      (name) => {
        const file = entryName(name, 'sql');
        assert.ok(!/[/\\\n\0]|^[.-]/.test(file), file);
        assert.notEqual(file, '..');
        assert.equal(databaseOfEntry(file, 'sql'), name);
      },
    ),
  );
});

test('usual names stay readable', () => {
  assert.equal(entryName('Café "x"', 'dump'), 'Café "x".dump');
  assert.equal(entryName('..', 'dump'), '%2E%2E.dump');
  assert.equal(entryName('a/b', 'dump'), 'a%2Fb.dump');
});

test('what is no such name is refused', () => {
  for (const name of ['a.txt', 'a/b.sql', 'sql']) assert.throws(() => databaseOfEntry(name, 'sql'), { code: 'invalid-argument' });
});
