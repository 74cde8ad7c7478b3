import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { RepositoryFixture } from '../../../../test/support/repository-fixture.ts';
import { Repository } from './repository.ts';

const password = new Secret('fixture');

/** What opening the repository, listing its snapshots and loading its index ends with. */
async function readAll(files: ReadonlyMap<string, Uint8Array>): Promise<unknown> {
  try {
    const repository = await Repository.open({ storage: new MemoryStorage({ files: new Map(files) }), password });
    await repository.snapshots();
    await repository.loadIndex();
    return undefined;
  } catch (error) {
    return error;
  }
}

test('F33 trunc-meta: of a key, config, index or snapshot file that was cut anywhere, an error tells, with its name and a hint', async () => {
  const fixture = await RepositoryFixture.make({ scrypt: { N: 2, r: 1, p: 1 } });
  await fixture.snapshot({ 'a/b': ['content'], c: ['more content'] });
  const files = fixture.copyFiles();
  assert.equal(await readAll(files), undefined);
  for (const type of ['key', 'config', 'index', 'snapshot']) {
    const entry = [...files].find(([name]) => name.startsWith(`${type}/`) || name === type);
    assert.ok(entry !== undefined, type);
    const [name, whole] = entry;
    for (let length = 0; length < whole.byteLength; length++) {
      const error = await readAll(new Map([...files, [name, whole.slice(0, length)]]));
      assert.ok(CodedError.is(error), `${name} cut to ${length} bytes: ${String(error)}`);
      assert.ok(['file-damaged', 'format-invalid'].includes(error.code), `${name} cut to ${length} bytes: ${error.code}`);
      const short = type === 'config' ? 'config' : (name.split('/')[1] as string).slice(0, 8);
      assert.ok(error.message.includes(short), `${name} cut to ${length} bytes: ${error.message}`);
      assert.ok(error.hint !== undefined, `${name} cut to ${length} bytes has no hint`);
    }
  }
});

test('F33 trunc-meta: a key file that was cut does not keep another key from opening the repository', async () => {
  const fixture = await RepositoryFixture.make({ scrypt: { N: 2, r: 1, p: 1 } });
  await fixture.snapshot({ c: ['content'] });
  const files = fixture.copyFiles();
  const [name, whole] = [...files].find(([each]) => each.startsWith('key/')) as [string, Uint8Array];
  await fixture.repository.addKey(password);
  const both = fixture.copyFiles();
  for (const length of [0, 1, 100, whole.byteLength - 1]) {
    both.set(name, whole.slice(0, length));
    assert.equal(await readAll(both), undefined);
  }
});
