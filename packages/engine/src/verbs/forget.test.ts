import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { noFaults } from '@holdfast/storage/fault';
import { RepositoryFixture } from '../../../../test/support/repository-fixture.ts';
import { forgetSnapshots } from './forget.ts';

test('forget removes what it can, tells what it cannot, and touches nothing else', async () => {
  const fixture = await RepositoryFixture.make();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await fixture.snapshot({ file: [`content ${i}`] }, i));
  const [stuck = '', gone = '', ...rest] = ids;
  const kept = rest.pop() ?? '';
  const before = fixture.copyFiles();
  assert.deepEqual(await forgetSnapshots(fixture.repository, ids, { dryRun: true }), { removed: ids, failures: [] });
  assert.deepEqual(fixture.memory.files, before);

  fixture.memory.files.delete(`snapshot/${gone}`);
  const error = new CodedError({ code: 'storage-denied', message: 'no' });
  fixture.storage.plan = (call) => (call.operation === 'remove' && call.file?.name === stuck ? { kind: 'fail', error } : undefined);
  const report = await forgetSnapshots(fixture.repository, [stuck, gone, ...rest]);
  fixture.storage.plan = noFaults;
  assert.deepEqual(report.removed.toSorted(), [gone, ...rest].toSorted());
  assert.deepEqual(report.failures, [{ snapshotId: stuck, error }]);
  assert.deepEqual(fixture.namesOf('snapshot').toSorted(), [stuck, kept].toSorted());
  for (const key of before.keys()) if (!key.startsWith('snapshot/')) assert.ok(fixture.memory.files.has(key));
});

test('an aborted forget stops', async () => {
  const fixture = await RepositoryFixture.make();
  const id = await fixture.snapshot({ file: ['content'] });
  await assert.rejects(forgetSnapshots(fixture.repository, [id], { signal: AbortSignal.abort() }));
  assert.deepEqual(fixture.namesOf('snapshot'), [id]);
});
