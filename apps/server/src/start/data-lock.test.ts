import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { defaultDataDirectory, prepareDataDirectory } from './data-directory.ts';
import { lockDataDirectory } from './data-lock.ts';

test('one Holdfast at a time has a data directory, and its death gives it free', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
  try {
    const program = `const { lockDataDirectory } = await import(${JSON.stringify(new URL('./data-lock.ts', import.meta.url).href)});
      const lock = lockDataDirectory(${JSON.stringify(directory)}); console.log('locked'); setInterval(() => lock, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    assert.throws(
      () => lockDataDirectory(directory),
      (error: unknown) => CodedError.is(error, 'data-directory-in-use') && error.message.includes(`process ${other.pid}`),
    );
    other.kill('SIGKILL');
    await once(other, 'exit');
    {
      using _ = lockDataDirectory(directory);
      assert.throws(() => lockDataDirectory(directory), /another|Another/);
    }
    lockDataDirectory(directory)[Symbol.dispose]();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a data directory is for its owner only', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
  try {
    const path = await prepareDataDirectory(join(parent, 'a', 'b'));
    assert.equal(statSync(path).mode & 0o777, 0o700);
    await assert.rejects(prepareDataDirectory('/dev/null/x'), (error: unknown) => CodedError.is(error, 'invalid-argument'));
  } finally {
    rmSync(parent, { recursive: true });
  }
  assert.equal(defaultDataDirectory({}, true), '/var/lib/holdfast');
  assert.equal(defaultDataDirectory({ XDG_DATA_HOME: '/x' }, false), '/x/holdfast');
  assert.match(defaultDataDirectory({ XDG_DATA_HOME: 'relative' }, false), /\.local\/share\/holdfast$/);
});
