import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cString } from './c-string.ts';
import { listExtendedAttributes, removeExtendedAttribute, setExtendedAttribute } from './extended-attributes.ts';
import { errnoName } from './system-error.ts';

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-xattr-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function asText(owner: Buffer | number): [string, string][] {
  return listExtendedAttributes(owner)
    .map(({ name, value }): [string, string] => [Buffer.from(name).toString('latin1'), Buffer.from(value).toString('latin1')])
    .filter(([name]) => name.startsWith('user.'))
    .sort();
}

test('attributes are set, listed and removed, by path and by descriptor', (t) => {
  const path = Buffer.from(join(temporaryDirectory(t), 'file'));
  writeFileSync(path, '');
  assert.deepEqual(asText(path), []);
  setExtendedAttribute(path, cString(Buffer.from('user.one')), Buffer.from('1\0two'));
  if (asText(path).length === 0) return t.skip('the temporary directory has no extended attributes');
  const fd = openSync(path, 'r+');
  t.after(() => closeSync(fd));
  setExtendedAttribute(fd, cString(Buffer.from('user.empty')), new Uint8Array(0));
  setExtendedAttribute(fd, cString(Buffer.from([...Buffer.from('user.'), 0xff, 0xfe])), new Uint8Array(2000).fill(120));
  const expected = [
    ['user.empty', ''],
    ['user.one', '1\0two'],
    ['user.\xff\xfe', 'x'.repeat(2000)],
  ];
  assert.deepEqual(asText(path), expected);
  assert.deepEqual(asText(fd), expected);
  removeExtendedAttribute(path, cString(Buffer.from('user.one')));
  removeExtendedAttribute(fd, cString(Buffer.from('user.empty')));
  assert.deepEqual(asText(fd), expected.slice(2));
  removeExtendedAttribute(fd, cString(Buffer.from('user.gone')));
});

test('a symbolic link is not followed', (t) => {
  const directory = temporaryDirectory(t);
  const file = Buffer.from(join(directory, 'file'));
  writeFileSync(file, '');
  setExtendedAttribute(file, cString(Buffer.from('user.one')), Buffer.from('1'));
  symlinkSync(file, join(directory, 'link'));
  assert.deepEqual(asText(Buffer.from(join(directory, 'link'))), []);
});

test('a missing file is a system error', (t) => {
  const missing = Buffer.from(join(temporaryDirectory(t), 'missing'));
  assert.throws(
    () => listExtendedAttributes(missing),
    (error) => errnoName(error) === 'ENOENT',
  );
});
