import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { keyOfPath, ownName, pathOfKey } from './key-path.ts';

const words = fc.oneof(
  fc.constantFrom('', '.', '..', '%', '%empty', '%object', '%41', ' ', '\0', 'a', '\\', '\n'),
  fc.string({ unit: 'grapheme' }),
);
const keys = fc.oneof(
  fc.array(words, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((text) => text.isWellFormed()),
);
const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? 500);

test('every key has a path of plain names, and comes back from it', () => {
  const check = (key: string): void => {
    const names = pathOfKey(key);
    for (const name of names) assert.ok(name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name), JSON.stringify(name));
    assert.equal(keyOfPath(names), key);
    assert.equal(keyOfPath([...names, ownName]), key);
  };
  for (const key of [
    '/',
    '//',
    'a/',
    '/a',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    '%',
    '%empty',
    '%object',
    'ü/日本',
    '\u{1f600}',
    'x'.repeat(1024),
  ])
    check(key);
  fc.assert(fc.property(keys, check), { numRuns });
});

test('no two keys have one path', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      fc.pre(a !== b);
      assert.notEqual(pathOfKey(a).join('/'), pathOfKey(b).join('/'));
    }),
    { numRuns },
  );
});

test('a path that no key has is refused', () => {
  for (const names of [
    ['%41'],
    ['a', '%2f'],
    ['%2E'.toLowerCase()],
    ['.'],
    [''],
    ['..', 'a'],
    ['%object'],
    ['a', '%object', 'b'],
    ['%'],
    ['%zz'],
  ]) {
    assert.throws(
      () => keyOfPath(names),
      (error) => CodedError.is(error, 'invalid-argument'),
      names.join('/'),
    );
  }
});
