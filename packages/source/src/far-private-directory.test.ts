import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalHost } from '@holdfast/connect/local';
import { Secret } from '@holdfast/kernel';
import { failure } from '../../../test/support/failure.ts';
import { makeFarPrivateDirectory } from './far-private-directory.ts';

const host = new LocalHost();

test('the files are there for their account alone, and gone afterwards', async () => {
  const odd = `$(touch x) 'quoted' "twice" \\n back\\slash\n\n-n\n  spaces  \n%s\nümläut`;
  let path: string;
  {
    await using directory = await makeFarPrivateDirectory(host, { pgpass: new Secret(odd), empty: '', 'a.pem': 'line\n' });
    ({ path } = directory);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(statSync(join(path, 'pgpass')).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(path, 'pgpass'), 'utf8'), `${odd}\n`);
    assert.equal(readFileSync(join(path, 'empty'), 'utf8'), '');
    assert.equal(readFileSync(join(path, 'a.pem'), 'utf8'), 'line\n');
  }
  assert.ok(!existsSync(path));
});

test('F79 no secret is in a process list or an environment while it is held', async () => {
  const secret = new Secret('canary-3f7a51d2c9');
  await using _directory = await makeFarPrivateDirectory(host, { pgpass: secret });
  for (const file of globSync('/proc/[0-9]*/{cmdline,environ}')) {
    let text = '';
    try {
      text = readFileSync(file, 'latin1');
    } catch {
      // it has ended meanwhile
    }
    assert.ok(!text.includes(secret.reveal()), `${file} has the secret`);
  }
});

test('an abort at any moment leaves nothing', async () => {
  for (const afterMs of [0, 1, 3, 10, 30]) {
    const aborted = new AbortController();
    const making = makeFarPrivateDirectory(host, { pgpass: 'x' }, { signal: aborted.signal }).then(
      async (directory) => await directory[Symbol.asyncDispose](),
      (error: unknown) => assert.equal((error as Error).message, 'enough'),
    );
    await delay(afterMs);
    aborted.abort(new Error('enough'));
    await making;
  }
  assert.deepEqual(globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() }), []);
});

test('a folder for temporary files that is not there', async () => {
  const elsewhere = new LocalHost({ environment: { ...process.env, TMPDIR: '/nowhere/at/all' } });
  assert.equal((await failure(makeFarPrivateDirectory(elsewhere, { a: 'b' }))).code, 'target-unwritable');
});

test('it goes when the process that holds it is killed', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'holdfast-private-test-'));
  try {
    const script = `const { LocalHost } = await import('@holdfast/connect/local');
      const { makeFarPrivateDirectory } = await import(${JSON.stringify(import.meta.resolve('./far-private-directory.ts'))});
      const held = await makeFarPrivateDirectory(new LocalHost(), { secret: 'x' }); console.log(held.path); setInterval(() => held, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const path = String(await new Promise((resolve) => child.stdout.once('data', resolve))).trim();
    assert.ok(existsSync(join(path, 'secret')));
    child.kill('SIGKILL');
    for (let tries = 0; tries < 200 && existsSync(path); tries += 1) await delay(50);
    assert.ok(!existsSync(path));
  } finally {
    rmSync(temporary, { recursive: true });
  }
});
