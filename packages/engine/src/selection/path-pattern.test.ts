import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { escapePattern, PatternList } from './path-pattern.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '2000');

const matches = (pattern: string, path: string): boolean => PatternList.parse([pattern]).match(Buffer.from(path)).matched;
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** One component against one name, both of one-byte characters, by trying everything. */
function plainMatch(pattern: string, name: string): boolean {
  const [first] = pattern;
  if (first === undefined) return name === '';
  if (first === '*') return plainMatch(pattern.slice(1), name) || (name !== '' && plainMatch(pattern, name.slice(1)));
  if (name === '') return false;
  if (first === '?') return plainMatch(pattern.slice(1), name.slice(1));
  return name.startsWith(first) && plainMatch(pattern.slice(1), name.slice(1));
}

/** All ways to write a pattern with `*` in place of each `**`, in a path of so many components. */
function* expansions(parts: readonly string[], pathLength: number): Generator<readonly string[]> {
  const at = parts.indexOf('**');
  if (at < 0) yield parts;
  else {
    for (let stars = 0; stars <= pathLength - parts.length + 1; stars++) {
      yield* expansions([...parts.slice(0, at), ...Array<string>(stars).fill('*'), ...parts.slice(at + 1)], pathLength);
    }
  }
}

/** The documented meaning, spelled out. */
function reference(pattern: string, path: string): boolean {
  const split = (text: string): string[] => (text.startsWith('/') ? ['/', ...text.slice(1).split('/')] : text.split('/'));
  const names = split(path);
  for (const parts of expansions(split(pattern), names.length)) {
    for (let offset = 0; offset + parts.length <= names.length && parts.length > 0; offset++) {
      if (parts[0] === '/' ? offset > 0 : names[0] === '/' && offset === 0) continue;
      if (parts.every((part, i) => plainMatch(part, names[offset + i] ?? ''))) return true;
    }
  }
  return false;
}

const component = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 4 });
const root = fc.constantFrom('/', '');
const paths = fc.tuple(root, fc.array(component, { minLength: 1, maxLength: 5 })).map(([start, names]) => start + names.join('/'));
const patterns = fc
  .tuple(root, fc.array(fc.oneof(component, glob, fc.constant('**')), { minLength: 1, maxLength: 6 }))
  .map(([start, parts]) => start + parts.join('/'));

test('a pattern matches what the documentation says, `**` by any number of components', () => {
  fc.assert(
    fc.property(patterns, paths, (pattern, path) => assert.equal(matches(pattern, path), reference(pattern, path))),
    { numRuns },
  );
});

test('what lies on the way to a match is never ruled out', () => {
  const absolute = fc.array(component, { minLength: 2, maxLength: 5 }).map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(fc.array(patterns, { minLength: 1, maxLength: 3 }), absolute, (texts, path) => {
      const list = PatternList.parse(texts);
      if (!list.match(Buffer.from(path)).matched) return;
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        assert.ok(list.match(Buffer.from(path.slice(0, end))).childMayMatch, path.slice(0, end));
      }
    }),
    { numRuns },
  );
});

const weirdName = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((name) => Buffer.from(name.map((byte) => (byte === 0 || byte === 0x2f ? 0x5b : byte))))
  .filter((name) => !['.', '..'].includes(name.toString('latin1')));
const specialName = fc
  .string({ unit: fc.constantFrom('*', '?', '[', ']', '\\', '!', '^', '-', 'a', 'é', '\xff'), minLength: 1, maxLength: 6 })
  .map(bytes);
const weirdPath = fc
  .array(fc.oneof(weirdName, specialName), { minLength: 1, maxLength: 4 })
  .map((names) => Buffer.concat(names.flatMap((name) => [bytes('/'), name])));

test('F61 weird-names: an escaped path matches itself and what is below it, nothing else', () => {
  const isBelow = (path: Buffer, top: Buffer): boolean => Buffer.concat([path, bytes('/')]).indexOf(Buffer.concat([top, bytes('/')])) === 0;
  fc.assert(
    fc.property(weirdPath, weirdPath, weirdName, (path, other, name) => {
      const list = PatternList.parse([escapePattern(path)]);
      assert.ok(list.match(path).matched);
      assert.ok(list.match(Buffer.concat([path, bytes('/'), name])).matched);
      assert.equal(list.match(other).matched, isBelow(other, path));
      const changed = Buffer.concat([path, name]);
      assert.equal(list.match(changed).matched, isBelow(changed, path));
      const deeper = Buffer.concat([bytes('/x'), path]);
      assert.equal(list.match(deeper).matched, isBelow(deeper, path));
      for (let i = 1; i < path.byteLength; i++) {
        const shorter = Buffer.concat([path.subarray(0, i), path.subarray(i + 1)]);
        assert.equal(list.match(shorter).matched, isBelow(shorter, path), shorter.toString('latin1'));
      }
    }),
    { numRuns },
  );
});

test('F61 weird-names: every byte, alone and between others, is matched as itself', () => {
  const names = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0 && byte !== 0x2f);
  const paths = names.flatMap((byte) => [Buffer.of(0x2f, 0x61, byte), Buffer.of(0x2f, 0x61, byte, 0x62)]);
  for (const path of paths) {
    const list = PatternList.parse([escapePattern(path)]);
    for (const other of paths)
      assert.equal(list.match(other).matched, other.equals(path), `${path.toString('hex')} ${other.toString('hex')}`);
  }
});

test('of 10,000 weird names a list of one finds one', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => bytes(`/[${String.fromCharCode(1 + (i % 46))}${(i * 7919) % 10_007}]*?\\!\xff`));
  const list = PatternList.parse([escapePattern(names[4711] as Buffer)]);
  assert.deepEqual(
    names.filter((name) => list.match(name).matched),
    [names[4711]],
  );
});

test('components in the syntax of filepath.Match', () => {
  for (const [pattern, path, expected] of [
    ['[a-c]x', '/bx', true],
    ['[^a-c]x', '/bx', false],
    ['[^a-c]x', '/dx', true],
    ['[\\-\\]]', '/]', true],
    ['[[]', '/[', true],
    ['a]', '/a]', true],
    ['\\*', '/*', true],
    ['\\*', '/a', false],
    ['?', '/é', true],
    ['??', '/é', false],
    ['[à-ü]', '/é', true],
    ['*?', '/😀', true],
    ['**x', '/yyx', true],
    ['x/', '/x', true],
    ['./x/../y', '/y', true],
    ['/../y', '/y', true],
    ['/', '/anything', true],
    ['/', 'relative', false],
    ['/x', 'x', false],
    // As with restic, a star takes bytes, and what is left of a character counts as characters.
    ['*??', '/€', true],
    ['*[^é]', '/é', true],
  ] as const) {
    assert.equal(matches(pattern, path), expected, `${pattern} on ${path}`);
  }
});

test('malformed patterns are refused by name', () => {
  for (const pattern of ['[', 'a[', '[]', '[^]', '[]a]', '[a-]', '[-a]', '[a', '[a-b', 'x/\\', '\\/x', 'a[/]b', '!/ok/[', '[\\', '[a\\']) {
    assert.throws(
      () => PatternList.parse(['fine', pattern]),
      (error) => CodedError.is(error, 'invalid-argument') && error.context['pattern'] === pattern,
      pattern,
    );
  }
});

test('`!` takes back what earlier patterns matched', () => {
  const list = PatternList.parse(['*.log', '!keep.log', '/x/keep.log']);
  const matched = (path: string): boolean => list.match(Buffer.from(path)).matched;
  assert.deepEqual(['/a.log', '/keep.log', '/x/keep.log', '/y/keep.log', '/a'].map(matched), [true, false, true, false, false]);
  assert.equal(matches('\\!x', '/!x'), true);
});

test('without regard to case: whole names and parts of them fold alike', () => {
  const list = PatternList.parse(['ΟΔΟΣ', '*Σ.TXT', 'İx', 'MiXed'], { caseInsensitive: true });
  const matched = (path: string): boolean => list.match(Buffer.from(path)).matched;
  assert.deepEqual(['/οδοσ', '/ΟΔΟΣ', '/ΑΣ.txt', '/ix', '/mIXED', '/mixe'].map(matched), [true, true, true, true, true, false]);
  assert.ok(list.match(Buffer.concat([bytes('/\xff\xfe/'), bytes('MIXED')])).matched);
  assert.ok(!PatternList.parse([escapePattern(bytes('/\xff'))], { caseInsensitive: true }).match(bytes('/\xfe')).matched);
});

test('no pattern and no path makes matching slow', () => {
  const name = 'a'.repeat(4000);
  const path = Buffer.from(`/${Array<string>(100).fill('a').join('/')}/${name}`);
  const startMs = performance.now();
  assert.ok(!matches(`${'*a'.repeat(2000)}b`, `/${name}`));
  assert.ok(!PatternList.parse([`${'**/a/'.repeat(20)}b`, `/${'**/*/'.repeat(20)}b`]).match(path).matched);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 5000, `${tookMs} ms`);
});
