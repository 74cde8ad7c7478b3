import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CString, cString } from './c-string.ts';
import { listNames } from './descriptor-path.ts';
import {
  changeModeAt,
  linkAt,
  makeDeviceAt,
  makeDirectoryAt,
  makeFifoAt,
  openAt,
  removeDirectoryAt,
  setTimesAt,
  symlinkAt,
  unlinkAt,
  workingDirectory,
} from './directory-calls.ts';
import { statAt } from './entry-stat.ts';
import { changeMode, closeFile, readAt, reserveRoom, setTimes, truncateFile, writeAt } from './file-calls.ts';
import { openFlags } from './open-flags.ts';
import { checked, systemError } from './system-error.ts';
import { times } from './times.ts';

const name = (text: string): CString => cString(Buffer.from(text));
const codeOf = (result: number): string => (result >= 0 ? 'ok' : systemError(result, 'call').code);

function openTemporary(t: TestContext): { path: string; fd: number } {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-at-'));
  const fd = openSync(path, 'r');
  t.after(() => {
    closeSync(fd);
    rmSync(path, { recursive: true });
  });
  return { path, fd };
}

test('entries are made, linked, listed and removed relative to a directory', (t) => {
  const { path, fd } = openTemporary(t);
  assert.equal(makeDirectoryAt(fd, name('dir'), 0o700), 0);
  assert.equal(codeOf(makeDirectoryAt(fd, name('dir'), 0o700)), 'EEXIST');
  const file = checked(openAt(fd, name('file'), openFlags.create), 'openat');
  assert.equal(writeAt(file, Buffer.from('hello'), 3), 0);
  assert.equal(codeOf(openAt(fd, name('file'), openFlags.create)), 'EEXIST');
  const reader = checked(openAt(fd, name('file'), openFlags.read), 'openat');
  const out = new Uint8Array(16);
  assert.equal(readAt(reader, out, 0), 8);
  assert.equal(Buffer.from(out).toString('latin1'), '\0\0\0hello'.padEnd(16, '\0'));
  assert.equal(truncateFile(file, 4), 0);
  assert.ok(['ok', 'EOPNOTSUPP'].includes(codeOf(reserveRoom(file, 10_000))));
  assert.equal(fstatSync(file).size, 4);
  assert.equal(fstatSync(file).mode & 0o7777, 0o600);
  assert.equal(changeMode(file, 0o4751), 0);
  closeFile(reader);
  closeFile(file);
  assert.equal(linkAt(fd, name('file'), fd, name('second')), 0);
  assert.equal(symlinkAt(name('/nowhere'), fd, name('link')), 0);
  assert.equal(makeFifoAt(fd, name('fifo')), 0);
  assert.equal(changeModeAt(fd, name('fifo'), 0o640), 0);
  assert.equal(lstatSync(join(path, 'file')).mode & 0o7777, 0o4751);
  assert.equal(lstatSync(join(path, 'fifo')).mode & 0o7777, 0o640);
  assert.equal(statAt(fd, name('second'))?.ino, lstatSync(join(path, 'file'), { bigint: true }).ino);
  assert.equal(statAt(fd, name('link'))?.isSymbolicLink(), true);
  assert.equal(statAt(fd, name('fifo'))?.isFIFO(), true);
  assert.equal(statAt(fd, name('missing')), undefined);
  assert.equal(readlinkSync(join(path, 'link')), '/nowhere');
  assert.deepEqual(listNames(fd).map(String).sort(), ['dir', 'fifo', 'file', 'link', 'second']);
  assert.equal(codeOf(unlinkAt(fd, name('dir'))), process.platform === 'darwin' ? 'EPERM' : 'EISDIR');
  assert.equal(removeDirectoryAt(fd, name('dir')), 0);
  for (const each of ['fifo', 'file', 'link', 'second']) assert.equal(unlinkAt(fd, name(each)), 0);
  assert.deepEqual(readdirSync(path), []);
});

test('a symbolic link is never followed', (t) => {
  const { path, fd } = openTemporary(t);
  const outside = openTemporary(t);
  writeFileSync(join(outside.path, 'victim'), 'mine', { mode: 0o644 });
  mkdirSync(join(outside.path, 'dir'));
  symlinkSync(join(outside.path, 'victim'), join(path, 'link'));
  symlinkSync(join(outside.path, 'dir'), join(path, 'dirlink'));
  for (const flags of [openFlags.read, openFlags.write, openFlags.create, openFlags.directory]) {
    assert.ok(openAt(fd, name('link'), flags) < 0);
    assert.ok(openAt(fd, name('dirlink'), flags) < 0);
  }
  assert.ok(changeModeAt(fd, name('link'), 0o777) < 0 || process.platform === 'darwin');
  assert.equal(setTimesAt(fd, name('link'), times(1n, 1n)), 0);
  assert.equal(lstatSync(join(outside.path, 'victim')).mode & 0o777, 0o644);
  assert.notEqual(lstatSync(join(outside.path, 'victim'), { bigint: true }).mtimeNs, 1n);
  assert.equal(lstatSync(join(path, 'link'), { bigint: true }).mtimeNs, 1n);
  assert.equal(linkAt(fd, name('link'), fd, name('second')), 0);
  assert.ok(lstatSync(join(path, 'second')).isSymbolicLink());
});

test('times are exact to the nanosecond, before 1970 and after 2038', (t) => {
  const { path, fd } = openTemporary(t);
  const file = checked(openAt(fd, name('file'), openFlags.create), 'openat');
  for (const ns of [0n, -1n, -1_500_000_000_000_000_001n, 1_700_000_000_123_456_789n, 4_000_000_000_999_999_999n]) {
    assert.equal(setTimes(file, times(ns + 5n, ns)), 0);
    const stat = lstatSync(join(path, 'file'), { bigint: true });
    assert.deepEqual([stat.atimeNs, stat.mtimeNs], [ns + 5n, ns]);
  }
  closeFile(file);
});

test('device nodes keep their number', (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root makes device nodes');
  const { path, fd } = openTemporary(t);
  const made = makeDeviceAt(fd, name('null'), 'character', 0x103n);
  if (codeOf(made) === 'EPERM') return t.skip('no device nodes in this container');
  assert.equal(made, 0);
  assert.equal(lstatSync(join(path, 'null'), { bigint: true }).rdev, 0x103n);
  assert.equal(makeDeviceAt(fd, name('block'), 'block', 0x801n), 0);
  assert.ok(lstatSync(join(path, 'block')).isBlockDevice());
});

test('a name that the C library would cut short is refused', () => {
  assert.throws(() => cString(Buffer.from('a\0b')), RangeError);
  assert.throws(() => openAt(workingDirectory, Buffer.from('no end'), openFlags.read), RangeError);
});
