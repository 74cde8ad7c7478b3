import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleBytes, sampleFile } from '../conformance/samples.ts';
import { bytesBody, type FileRef, fileTypes } from '../port/index.ts';
import { LocalStorage } from './local-storage.ts';
import { PowerCutFiles } from './power-cut-files.ts';
import { RepositoryLayout } from './repository-layout.ts';

const base = '/srv/repository';
const layout = new RepositoryLayout(base);
const whole = sampleBytes(3000, 1);
const older = sampleBytes(1000, 2);

type Survivor = 'nothing' | 'whole' | 'older' | 'torn';

/** What may be at the file's place after a power cut now. */
function survivors(files: PowerCutFiles, file: FileRef): Set<Survivor> {
  const kind = (bytes: Uint8Array | undefined): Survivor => {
    if (bytes === undefined) return 'nothing';
    if (Buffer.compare(bytes, whole) === 0) return 'whole';
    return Buffer.compare(bytes, older) === 0 ? 'older' : 'torn';
  };
  return new Set(files.afterPowerCut(layout.pathOf(file)).map(kind));
}

/** Saves the file with a look at what would survive after every call to the file system. */
async function saveWatched(files: PowerCutFiles, file: FileRef): Promise<{ during: Set<Survivor>; after: Set<Survivor> }> {
  const during = new Set<Survivor>();
  files.calls.length = 0;
  files.afterCall = () => {
    for (const survivor of survivors(files, file)) during.add(survivor);
  };
  await new LocalStorage({ path: base, files }).save(file, bytesBody(whole.subarray(0, 700), whole.subarray(700)));
  files.afterCall = () => undefined;
  return { during, after: survivors(files, file) };
}

for (const type of fileTypes) {
  test(`F32: a power cut during the save of a file of type ${type} leaves nothing or the whole file, and after it the whole file`, async () => {
    const files = new PowerCutFiles();
    await new LocalStorage({ path: base, files }).create();
    const { during, after } = await saveWatched(files, sampleFile(type));
    assert.deepEqual(during, new Set(['nothing', 'whole']));
    assert.deepEqual(after, new Set(['whole']));
  });
}

test('F32: a save is write, sync the file, rename, sync the directory, in this order', async () => {
  const files = new PowerCutFiles();
  const file = sampleFile('data');
  await new LocalStorage({ path: base, files }).create();
  await saveWatched(files, file);
  const path = layout.pathOf(file);
  const steps = files.calls.map((call) => call.replaceAll(/-tmp-[0-9a-f]{16}/g, '-tmp').replaceAll(path, 'PACK'));
  const expected = ['create PACK-tmp', 'write PACK-tmp', 'sync PACK-tmp', 'close PACK-tmp', 'rename PACK-tmp to PACK'];
  assert.deepEqual(steps, [...expected, `sync ${layout.directoryOf(file)}`, 'chmod PACK']);
});

test('F32: a power cut during a save over an existing file leaves the older or the newer one, whole', async () => {
  const files = new PowerCutFiles();
  const storage = new LocalStorage({ path: base, files });
  await storage.create();
  await storage.save(sampleFile('config'), bytesBody(older));
  const { during, after } = await saveWatched(files, sampleFile('config'));
  assert.deepEqual(during, new Set(['older', 'whole']));
  assert.deepEqual(after, new Set(['whole']));
});

test('F32: a file whose directories had to be made survives with them', async () => {
  for (const type of ['data', 'index', 'lock'] as const) {
    const files = new PowerCutFiles();
    await files.makeDirectory('/srv');
    await files.makeDirectory(base);
    await files.syncDirectory('/');
    await files.syncDirectory('/srv');
    const { during, after } = await saveWatched(files, sampleFile(type));
    assert.deepEqual(during, new Set(['nothing', 'whole']));
    assert.deepEqual(after, new Set(['whole']));
  }
});

test('F32: the removal of an index survives a power cut, so that it cannot come back and name packs that are gone', async () => {
  const files = new PowerCutFiles();
  const storage = new LocalStorage({ path: base, files });
  await storage.create();
  await storage.save(sampleFile('index'), bytesBody(whole));
  await storage.remove(sampleFile('index'));
  assert.deepEqual(survivors(files, sampleFile('index')), new Set(['nothing']));
});

test('F32: these tests would notice a save that does not sync the file, or the directory', async () => {
  const withoutFile = new PowerCutFiles({ file: false, directory: true });
  await new LocalStorage({ path: base, files: withoutFile }).create();
  assert.ok((await saveWatched(withoutFile, sampleFile('data'))).after.has('torn'));
  const withoutDirectory = new PowerCutFiles({ file: true, directory: false });
  await new LocalStorage({ path: base, files: withoutDirectory }).create();
  assert.ok((await saveWatched(withoutDirectory, sampleFile('data'))).after.has('nothing'));
});
