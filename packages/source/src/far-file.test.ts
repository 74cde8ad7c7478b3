import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { CodedError, systemRandom } from '@holdfast/kernel';
import { hasProgram } from '../../../test/services/run-program.ts';
import { failure } from '../../../test/support/failure.ts';
import { inPieces, pullAll } from '../../../test/support/source-streams.ts';
import { writeFarFile } from './far-file.ts';
import { makeFarPrivateDirectory } from './far-private-directory.ts';
import { SqliteOptions, SqliteSource } from './sqlite/index.ts';

const random = systemRandom;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-far-file-test-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls the work with this machine as it is, and as it would be with nothing but BusyBox. */
async function onEachSystem(t: TestContext, work: (host: LocalHost, folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => await work(new LocalHost(), folder));
  if (!hasProgram('busybox')) {
    if (process.env['CI'] === 'true') throw new Error('needs busybox: see test/services/install.ts');
    return t.diagnostic('left out: BusyBox');
  }
  await inFolder(async (folder) => {
    const path = join(folder, 'path');
    mkdirSync(path);
    const program = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
    for (const applet of execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n'))
      symlinkSync(program, join(path, applet));
    const work_ = join(folder, 'work');
    mkdirSync(work_);
    await work(new LocalHost({ environment: { PATH: path, HOME: '/', TMPDIR: tmpdir() } }), work_);
  });
}

test('a file gets its place in one step, with owner and mode of what was there', async (t) => {
  await onEachSystem(t, async (host, folder) => {
    const place = join(folder, "-it's $(a) place");
    writeFileSync(place, 'old');
    chmodSync(place, 0o640);
    writeFileSync(`${place}-wal`, 'old log');
    const content = Buffer.alloc(300_000, 'new');
    {
      await using file = await writeFarFile(host, place, inPieces(content), { random, besides: ['-wal'] });
      assert.equal(readFileSync(place, 'utf8'), 'old');
      assert.ok(readFileSync(file.path).equals(content));
      await file.put();
    }
    assert.ok(readFileSync(place).equals(content));
    assert.equal(statSync(place).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder), ["-it's $(a) place"]);
    const fresh = join(folder, 'fresh');
    await using file = await writeFarFile(host, fresh, inPieces(content), { random });
    await file.put();
    assert.equal(statSync(fresh).mode & 0o777, 0o600);
  });
});

test('a content that throws, a folder that is missing, a file that is not put: nothing is left', async (t) => {
  await onEachSystem(t, async (host, folder) => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new CodedError({ code: 'source-incomplete', message: 'cut short' });
    };
    assert.equal((await failure(writeFarFile(host, join(folder, 'a'), broken(), { random }))).code, 'source-incomplete');
    const nowhere = await failure(writeFarFile(host, join(folder, 'nowhere/a'), inPieces(Buffer.from('x')), { random }));
    assert.equal(nowhere.code, 'target-unwritable', nowhere.message);
    assert.match(nowhere.hint ?? '', /folder is there/);
    {
      await using _file = await writeFarFile(host, join(folder, 'a'), inPieces(Buffer.from('x')), { random });
    }
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('private directories where there is nothing but BusyBox', async (t) => {
  await onEachSystem(t, async (host) => {
    await using directory = await makeFarPrivateDirectory(host, { pgpass: 'a\\b $c\n' });
    assert.equal(readFileSync(join(directory.path, 'pgpass'), 'utf8'), 'a\\b $c\n');
    assert.equal(statSync(directory.path).mode & 0o777, 0o700);
    await directory[Symbol.asyncDispose]();
    assert.ok(!existsSync(directory.path));
  });
});

test('F4 a disk of the far side that is full: failed, with the right code, and nothing left', async (t) => {
  await inFolder(async (folder) => {
    const small = join(folder, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' });
    } catch (error) {
      if (process.env['CI'] !== undefined) throw error;
      return t.skip('needs to mount a tmpfs');
    }
    try {
      const content = Buffer.alloc(3_000_000, 1);
      const full = await failure(writeFarFile(new LocalHost(), join(small, 'a'), inPieces(content), { random }));
      assert.equal(full.code, 'target-unwritable', full.message);
      assert.equal(full.retry, 'temporary');
      assert.deepEqual(readdirSync(small), []);
      if (!hasProgram('sqlite3')) return;
      const path = join(folder, 'large.db');
      {
        using database = new DatabaseSync(path);
        database.exec('CREATE TABLE t (data BLOB); INSERT INTO t VALUES (randomblob(3000000))');
      }
      const host = new LocalHost({ environment: { ...process.env, TMPDIR: small } });
      for (const method of ['backup', 'vacuum-into']) {
        const error = await failure(pullAll(new SqliteSource(SqliteOptions.parse({ paths: [path], method })), host));
        assert.equal(error.code, 'source-incomplete', error.message);
        assert.match(error.hint ?? '', /room/);
        assert.deepEqual(readdirSync(small), []);
      }
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
