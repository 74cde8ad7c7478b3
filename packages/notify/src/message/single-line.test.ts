import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clipText, foreignText, singleLine } from './single-line.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '500');
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
);

test('any text becomes one line of whole characters, once and for all', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = singleLine(text);
      assert.ok(line.isWellFormed());
      assert.doesNotMatch(line, /[\p{Cc}\u2028-\u202e\u200e\u200f\u061c]/u);
      assert.equal(singleLine(line), line);
    }),
    { numRuns },
  );
});

test('a text that is clipped is a beginning of itself, whole characters, and not longer than allowed', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (raw, most) => {
      const text = raw.toWellFormed();
      const clipped = clipText(text, most);
      assert.ok(clipped.length <= most && clipped.isWellFormed());
      if (text.length <= most) assert.equal(clipped, text);
      else assert.ok(clipped.endsWith('…') && text.startsWith(clipped.slice(0, -1)));
    }),
    { numRuns },
  );
});

test('a clipped text keeps an emoji of several parts and a letter with its accent whole', () => {
  assert.equal(clipText('ab👩‍👩‍👧cd', 9), 'ab…');
  assert.equal(clipText('abx\u0301cdef', 4), 'ab…');
  assert.equal(clipText('a👍🏽👍🏽', 5), 'a…');
});

test('a text from outside keeps its direction to itself', () => {
  assert.equal(foreignText('  \u2067مرحبا\u202e\n', 50), '\u2068مرحبا\u2069');
  assert.equal(foreignText('plain', 3), 'pl…');
});
