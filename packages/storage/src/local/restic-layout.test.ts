import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { needRestic } from '../../../../test/support/restic.ts';
import { sampleBytes } from '../conformance/samples.ts';
import { bytesBody, type FileType, fileTypes, type Storage } from '../port/index.ts';
import { LocalStorage } from './local-storage.ts';

const run = promisify(execFile);
const resticWords = [
  ['data', 'packs'],
  ['index', 'index'],
  ['snapshot', 'snapshots'],
  ['key', 'keys'],
] as const;

async function names(storage: Storage, type: FileType): Promise<string[]> {
  return (await Array.fromAsync(storage.list(type))).map((info) => info.name).sort();
}

/** Paths below a directory with their permissions: what both must agree on. */
async function permissions(path: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    found.add(
      `${entry.isDirectory() ? entry.parentPath.slice(path.length).concat('/', entry.name) : 'file'} ${(mode & 0o777).toString(8)}`,
    );
  }
  return found;
}

test('restic and a local storage find the same files in the same places, and make them alike', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-restic-'));
  try {
    const path = join(directory, 'restic');
    const call = async (...args: string[]): Promise<string> => {
      const environment = { PATH: process.env['PATH'], RESTIC_PASSWORD: 'x', RESTIC_CACHE_DIR: join(directory, 'cache') };
      return (await run(restic, ['-r', path, '--no-cache', '-q', ...args], { env: environment })).stdout;
    };
    await mkdir(join(directory, 'source'));
    for (let seed = 0; seed < 20; seed++) await writeFile(join(directory, 'source', `${seed}`), sampleBytes(100_000, seed));
    await call('init');
    await call('backup', '--pack-size', '4', join(directory, 'source'));
    await using storage = new LocalStorage({ path });
    for (const [type, word] of resticWords) {
      const expected = (await call('list', word, '--no-lock')).split('\n').filter((line) => line !== '');
      assert.ok(expected.length > 0);
      assert.deepEqual(await names(storage, type), expected.sort());
    }

    // A copy through our eyes and hands is a repository that restic takes for whole.
    const copyPath = join(directory, 'copy');
    await using copy = new LocalStorage({ path: copyPath });
    await copy.create();
    for (const type of fileTypes) {
      for await (const info of storage.list(type)) {
        const bytes = await storage.load(info);
        if (type !== 'config') assert.equal(createHash('sha256').update(bytes).digest('hex'), info.name);
        await copy.save(info, bytesBody(bytes));
      }
    }
    await call('-r', copyPath, 'check', '--read-data');
    assert.deepEqual(await permissions(copyPath), await permissions(path));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
