import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleBytes, sampleFile } from '../conformance/samples.ts';
import { bytesBody } from '../port/index.ts';
import type { LocalFile, LocalFiles } from './local-files.ts';
import { LocalStorage } from './local-storage.ts';
import { PowerCutFiles } from './power-cut-files.ts';
import { RepositoryLayout } from './repository-layout.ts';

const base = '/srv/repository';
const layout = new RepositoryLayout(base);
const file = sampleFile('data');

/** The calls of a save, in order: create, append, sync, close, rename, sync of the directory, change of mode. */
const callsOfSave = 7;

/** The same files, but from the n-th call on (counted from 1) each fails with that errno; `once`, only that one. */
function failing(inner: LocalFiles, number: number, code: string, once: boolean): LocalFiles {
  let calls = 0;
  const check = async (): Promise<void> => {
    calls++;
    if (calls === number || (calls > number && !once)) throw Object.assign(new Error(`${code}: as planned`), { code, syscall: 'test' });
  };
  return {
    makeDirectory: (path, mode) => check().then(() => inner.makeDirectory(path, mode)),
    createFile: async (path, mode, sizeBytes): Promise<LocalFile> => {
      await check();
      const opened = await inner.createFile(path, mode, sizeBytes);
      return {
        append: (parts) => check().then(() => opened.append(parts)),
        sync: () => check().then(() => opened.sync()),
        close: () => check().then(() => opened.close()),
      };
    },
    rename: (from, to) => check().then(() => inner.rename(from, to)),
    remove: (path) => (once ? check() : Promise.resolve()).then(() => inner.remove(path)),
    setMode: (path, mode) => check().then(() => inner.setMode(path, mode)),
    syncDirectory: (path) => check().then(() => inner.syncDirectory(path)),
  };
}

async function newFiles(): Promise<PowerCutFiles> {
  const files = new PowerCutFiles();
  await new LocalStorage({ path: base, files }).create();
  return files;
}

const save = (files: LocalFiles): Promise<void> => new LocalStorage({ path: base, files }).save(file, bytesBody(sampleBytes(500)));
const names = (files: PowerCutFiles): string[] => files.names(layout.directoryOf(file));

for (const [errno, code, retry] of [
  ['ENOSPC', 'storage-full', 'permanent'],
  ['EDQUOT', 'storage-full', 'permanent'],
  ['EROFS', 'storage-denied', 'permanent'],
  ['EACCES', 'storage-denied', 'permanent'],
  ['EPERM', 'storage-denied', 'permanent'],
  ['EIO', 'storage-io', 'temporary'],
  ['ESTALE', 'storage-io', 'temporary'],
  ['EFBIG', 'storage-io', 'permanent'],
  ['ENOENT', 'storage-io', 'permanent'],
] as const) {
  test(`${errno} from any call of a save is ${code}, ${retry}, and leaves no temporary file`, async () => {
    for (let number = 1; number <= callsOfSave; number++) {
      for (const once of [true, false]) {
        // A directory that is missing is made; a mode that cannot be set is let be; a directory that is gone needs no sync.
        if (errno === 'ENOENT' && (number === 6 || (once && number === 1))) continue;
        if ((errno === 'EACCES' || errno === 'EPERM') && number === 7) continue;
        const files = await newFiles();
        const expected = { name: 'CodedError', code, retry, context: { path: layout.pathOf(file), errno } };
        await assert.rejects(save(failing(files, number, errno, once)), expected, `call ${number}`);
        assert.deepEqual(names(files), number <= 5 ? [] : [file.name], `call ${number}`);
      }
    }
  });
}

test('a file system without directory sync or modes is good enough; without file sync too, as for restic', async () => {
  for (const [number, errnos] of [
    [3, ['ENOTSUP']],
    [6, ['ENOTSUP', 'EINVAL', 'ENOENT']],
    [7, ['EPERM', 'EACCES', 'ENOTSUP', 'ENOSYS']],
  ] as const) {
    for (const errno of errnos) {
      const files = await newFiles();
      await save(failing(files, number, errno, true));
      assert.deepEqual(names(files), [file.name]);
    }
  }
});

test('F32: EIO or EINVAL from the sync of a file is never taken for success', async () => {
  for (const errno of ['EIO', 'EINVAL', 'ENOSPC']) {
    const files = await newFiles();
    await assert.rejects(save(failing(files, 3, errno, true)), { name: 'CodedError' });
    assert.deepEqual(names(files), []);
  }
});

test('a save does not make the repository directory anew: the disk may just not be mounted', async () => {
  const files = new PowerCutFiles();
  await files.makeDirectory('/srv');
  await assert.rejects(save(files), { code: 'storage-io', hint: 'Is the disk of the repository mounted?' });
  assert.deepEqual(files.names('/srv'), []);
});
