import assert from 'node:assert/strict';
import { closeSync, fchownSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cString } from '../../posix/c-string.ts';
import { listExtendedAttributes, setExtendedAttribute } from '../../posix/extended-attributes.ts';
import { errnoName } from '../../posix/system-error.ts';
import { times } from '../../posix/times.ts';
import type { PlannedEntry } from './entry-record.ts';
import { MetadataRestorer } from './metadata-restorer.ts';

const nobody = 65534;
const name = (text: string): Uint8Array => cString(Buffer.from(text));

function temporaryFile(t: TestContext): number {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-metadata-'));
  const fd = openSync(join(directory, 'file'), 'w+', 0o600);
  t.after(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  return fd;
}

function entry(given: Partial<PlannedEntry>): PlannedEntry {
  const plain = { sizeBytes: 0, contentStart: 0, contentCount: 0, leader: 0, device: 0n, linkTarget: new Uint8Array(0), attributes: [] };
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return { kind: 'file', directory: 0, name: name('file'), mode: 0o644, times: times(1n, 2n), ...plain, ...owner, ...given };
}

test('owner, mode with its special bits and times are all there in the end', (t) => {
  const fd = temporaryFile(t);
  const isRoot = process.getuid?.() === 0;
  const wanted = entry({ mode: 0o6711, ...(isRoot ? { uid: 1234, gid: 4_000_000_000 } : {}) });
  assert.equal(new MetadataRestorer(isRoot, () => true).onFile(fd, wanted, true), undefined);
  const stat = fstatSync(fd, { bigint: true });
  assert.deepEqual([Number(stat.mode) & 0o7777, Number(stat.uid), Number(stat.gid)], [0o6711, wanted.uid, wanted.gid]);
  assert.deepEqual([stat.atimeNs, stat.mtimeNs], [1n, 2n]);
});

test('times are left alone where content is lost', (t) => {
  const fd = temporaryFile(t);
  assert.equal(new MetadataRestorer(false, () => true).onFile(fd, entry({}), false), undefined);
  assert.ok(fstatSync(fd).mtimeMs > 1e12);
});

test('attributes are made the same, but only those selected', (t) => {
  const fd = temporaryFile(t);
  setExtendedAttribute(fd, name('user.unexpected'), Buffer.from('x'));
  if (listExtendedAttributes(fd).length === 0) return t.skip('no extended attributes here');
  setExtendedAttribute(fd, name('user.kept-unexpected'), Buffer.from('y'));
  const attributes = [{ name: name('user.new'), value: Buffer.from('z') }];
  const selects = (bytes: Uint8Array): boolean => !Buffer.from(bytes).toString().includes('kept');
  assert.equal(new MetadataRestorer(false, selects).onFile(fd, entry({ attributes }), true), undefined);
  const names = listExtendedAttributes(fd).map((each) => Buffer.from(each.name).toString());
  assert.deepEqual(names.filter((each) => each.startsWith('user.')).sort(), ['user.kept-unexpected', 'user.new']);
});

test('who is not root cannot give files away: that is passed over, but nothing then runs as the wrong user', (t) => {
  if (process.getuid?.() !== 0 || process.seteuid === undefined || process.setegid === undefined)
    return t.skip('only root can stop being root');
  const fd = temporaryFile(t);
  fchownSync(fd, nobody, nobody);
  const wanted = entry({ mode: 0o6755, uid: 0, gid: 0 });
  process.setegid(nobody);
  process.seteuid(nobody);
  let failures: unknown[];
  try {
    failures = [new MetadataRestorer(false, () => true), new MetadataRestorer(true, () => true)].map((each) =>
      each.onFile(fd, wanted, true),
    );
  } finally {
    process.seteuid(0);
    process.setegid(0);
  }
  const stat = fstatSync(fd);
  assert.deepEqual([stat.uid, stat.mode & 0o7777, stat.mtimeMs], [nobody, 0o755, 0.000002]);
  assert.equal(failures[0], undefined);
  assert.equal(errnoName(failures[1]), 'EPERM'); // to whom it should not have happened
});
