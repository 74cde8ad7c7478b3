import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sampleBytes, sampleFile } from '../conformance/samples.ts';
import { storageConformance } from '../conformance/storage-conformance.ts';
import { bytesBody, fileTypes } from '../port/index.ts';
import { LocalStorage } from './local-storage.ts';

async function withDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-local-'));
  try {
    await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function withStorage(work: (storage: LocalStorage, path: string) => Promise<void>): Promise<void> {
  await withDirectory(async (path) => {
    await using storage = new LocalStorage({ path });
    await storage.create();
    await work(storage, path);
  });
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

storageConformance('local', async () => {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-local-'));
  const open = (): LocalStorage => new LocalStorage({ path: join(path, 'a', 'b') });
  return { storage: open(), reopen: async () => open(), cleanup: () => rm(path, { recursive: true }) };
});

test('files lie where restic looks for them', async () => {
  await withStorage(async (storage, path) => {
    for (const type of fileTypes) await storage.save(sampleFile(type), bytesBody(sampleBytes(9)));
    assert.deepEqual((await readdir(path)).sort(), ['config', 'data', 'index', 'keys', 'locks', 'snapshots']);
    assert.deepEqual(
      await readdir(join(path, 'data')),
      Array.from({ length: 256 }, (_, first) => first.toString(16).padStart(2, '0')),
    );
    const pack = sampleFile('data').name;
    assert.deepEqual(new Uint8Array(await readFile(join(path, 'data', pack.slice(0, 2), pack))), sampleBytes(9));
    for (const [type, directory] of [
      ['key', 'keys'],
      ['snapshot', 'snapshots'],
      ['index', 'index'],
      ['lock', 'locks'],
    ] as const) {
      assert.deepEqual(await readdir(join(path, directory)), [sampleFile(type).name]);
    }
  });
});

test('what is loaded is put into the memory given for it, if it fits', async () => {
  await withStorage(async (storage) => {
    const bytes = sampleBytes(5000);
    await storage.save(sampleFile('data'), bytesBody(bytes));
    const into = new Uint8Array(new SharedArrayBuffer(6000));
    assert.equal((await storage.load(sampleFile('data'), undefined, { into })).buffer, into.buffer);
    assert.equal((await storage.load(sampleFile('data'), { offset: 0, length: 10 }, { into })).buffer, into.buffer);
    assert.notEqual((await storage.load(sampleFile('data'), undefined, { into: into.subarray(0, 4999) })).buffer, into.buffer);
  });
});

test('a file asked for afresh comes from the disk, whatever memory is given for it', async () => {
  await withStorage(async (storage) => {
    for (const sizeBytes of [0, 1, 4095, 4096, 4097, 70_000]) {
      const bytes = sampleBytes(sizeBytes, sizeBytes);
      const file = { type: 'data', name: String(sizeBytes).padStart(64, '0') } as const;
      await storage.save(file, bytesBody(bytes));
      const pages = new Uint8Array(new WebAssembly.Memory({ initial: 2 }).buffer);
      for (const into of [pages, pages.subarray(1), pages.subarray(0, sizeBytes), undefined]) {
        pages.fill(0xee);
        assert.deepEqual(new Uint8Array(await storage.load(file, undefined, { into, fresh: true })), bytes);
        if (into !== undefined) assert.ok(pages.subarray(into.byteOffset + into.byteLength).every((byte) => byte === 0xee));
      }
    }
  });
});

test('files are read-only for the owner, directories private', async () => {
  await withStorage(async (storage, path) => {
    for (const type of ['config', 'index'] as const) await storage.save(sampleFile(type), bytesBody(sampleBytes(9)));
    assert.equal(await modeOf(join(path, 'config')), 0o400);
    assert.equal(await modeOf(join(path, 'index', sampleFile('index').name)), 0o400);
    for (const directory of ['keys', 'data', 'data/00', 'data/ff']) assert.equal(await modeOf(join(path, directory)), 0o700);
    await storage.remove(sampleFile('index'));
  });
});

test('a repository whose config the group may read is shared with the group', async () => {
  await withStorage(async (_, path) => {
    await writeFile(join(path, 'config'), 'x');
    await chmod(join(path, 'config'), 0o440);
    await rm(join(path, 'index'), { recursive: true });
    const mask = process.umask(0o007);
    try {
      await using shared = new LocalStorage({ path });
      await shared.save(sampleFile('index'), bytesBody(sampleBytes(9)));
    } finally {
      process.umask(mask);
    }
    assert.equal(await modeOf(join(path, 'index', sampleFile('index').name)), 0o440);
    assert.equal(await modeOf(join(path, 'index')), 0o770);
  });
});

test('a place that does not exist has nothing, and is not made by looking or saving', async () => {
  await withDirectory(async (parent) => {
    const path = join(parent, 'absent');
    await using storage = new LocalStorage({ path });
    for (const type of fileTypes) {
      await assert.rejects(storage.stat(sampleFile(type)), { code: 'storage-not-found' });
      await assert.rejects(storage.load(sampleFile(type)), { code: 'storage-not-found' });
      assert.deepEqual(await Array.fromAsync(storage.list(type)), []);
      await assert.rejects(storage.save(sampleFile(type), bytesBody(sampleBytes(9))), { code: 'storage-io' });
    }
    assert.deepEqual(await readdir(parent), []);
  });
});

test('directories that are missing are made by the save that needs them', async () => {
  await withDirectory(async (path) => {
    await using storage = new LocalStorage({ path });
    const saves = Array.from({ length: 30 }, (_, seed) => storage.save(sampleFile('data', seed), bytesBody(sampleBytes(seed))));
    await Promise.all([...saves, storage.save(sampleFile('lock'), bytesBody(sampleBytes(9)))]);
    assert.equal((await Array.fromAsync(storage.list('data'))).length, 30);
    assert.equal(await modeOf(join(path, 'locks')), 0o700);
  });
});

test('a list leaves out temporary files, strangers, directories and packs in the wrong place', async () => {
  await withStorage(async (storage, path) => {
    const pack = sampleFile('data').name;
    const first = pack.slice(0, 2);
    const other = first === 'ab' ? 'cd' : 'ab';
    await storage.save(sampleFile('data'), bytesBody(sampleBytes(9)));
    for (const name of [
      `data/${pack}`,
      `data/${other}/${pack}`,
      `data/${first}/${pack}-tmp-12`,
      'data/README',
      `index/${pack}-tmp-1`,
      'index/.nfs1',
    ]) {
      await writeFile(join(path, name), 'stranger');
    }
    await mkdir(join(path, 'index', sampleFile('index').name));
    await mkdir(join(path, 'data', 'lost+found'));
    await symlink('nowhere', join(path, 'index', sampleFile('index', 1).name));
    await rm(join(path, 'data', other === 'ab' ? 'ac' : 'ce'), { recursive: true });
    await writeFile(join(path, 'data', other === 'ab' ? 'ac' : 'ce'), 'no directory');
    assert.deepEqual(await Array.fromAsync(storage.list('data')), [{ ...sampleFile('data'), sizeBytes: 9 }]);
    assert.deepEqual(await Array.fromAsync(storage.list('index')), []);
  });
});

test('files removed by another during a list are no error', async () => {
  await withStorage(async (storage, path) => {
    for (let seed = 0; seed < 60; seed++) await storage.save(sampleFile('data', seed), bytesBody(sampleBytes(5)));
    let listed = 0;
    for await (const info of storage.list('data')) {
      assert.equal(info.sizeBytes, 5);
      if (listed++ === 2) await rm(join(path, 'data'), { recursive: true });
    }
    assert.ok(listed >= 3 && listed < 60, String(listed));
  });
});

test('a file that was cut short is a short read, also between looking and reading', async () => {
  await withStorage(async (storage, path) => {
    const file = sampleFile('index');
    await storage.save(file, bytesBody(sampleBytes(1000)));
    await truncate(join(path, 'index', file.name), 700);
    await assert.rejects(storage.load(file, { offset: 600, length: 200 }), {
      code: 'storage-short-read',
      retry: 'permanent',
      context: { type: 'index', name: file.name, offset: 600, lengthBytes: 200, endsAtBytes: 700 },
    });
    assert.deepEqual(await storage.load(file), sampleBytes(1000).slice(0, 700));
  });
});

test('a failed save leaves nothing in the directory, not even a temporary file', async () => {
  await withStorage(async (storage, path) => {
    const file = sampleFile('index');
    const failing = {
      sizeBytes: 40 << 20,
      async *open() {
        yield sampleBytes(20 << 20);
        throw Object.assign(new Error('ENOENT: the source is gone'), { code: 'ENOENT', syscall: 'open' });
      },
    };
    await assert.rejects(storage.save(file, failing), { name: 'Error', code: 'ENOENT' });
    await assert.rejects(storage.save(file, { ...bytesBody(sampleBytes(9)), sizeBytes: 10 }));
    assert.deepEqual(await readdir(join(path, 'index')), []);
  });
});

test('what is no directory is an error of its own, not an absence', async () => {
  await withStorage(async (storage, path) => {
    await rm(join(path, 'index'), { recursive: true });
    await writeFile(join(path, 'index'), 'a file');
    await assert.rejects(storage.load(sampleFile('index')), { code: 'storage-io', retry: 'permanent' });
    await assert.rejects(Array.fromAsync(storage.list('index')), { code: 'storage-io' });
    await assert.rejects(storage.save(sampleFile('index'), bytesBody(sampleBytes(1))), { code: 'storage-io' });
  });
});

test('a directory closed to this account is denied, not empty', async () => {
  await withStorage(async (storage, path) => {
    await chmod(join(path, 'index'), 0);
    await asAnyone(async () => {
      await assert.rejects(storage.load(sampleFile('index')), { code: 'storage-denied' });
      await assert.rejects(Array.fromAsync(storage.list('index')), { code: 'storage-denied' });
      await assert.rejects(storage.save(sampleFile('index'), bytesBody(sampleBytes(1))), { code: 'storage-denied' });
    });
    await chmod(join(path, 'index'), 0o700);
  });
});

/** Root may read everything, so it steps down for the time of the work. */
async function asAnyone(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
