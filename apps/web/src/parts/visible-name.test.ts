import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visibleName } from './visible-name.ts';

test('what could make a name look like another one is written out', () => {
  assert.equal(visibleName('gpj.\u202eexe.txt'), 'gpj.\\u202eexe.txt');
  assert.equal(visibleName('two\nlines\tand\u0000zero'), 'two\\u000alines\\u0009and\\u0000zero');
  assert.equal(visibleName('Ünïcödé 😀 日本語.pdf'), 'Ünïcödé 😀 日本語.pdf');
});
