import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { nowMs } from '../now-ms.ts';

const { snapshots } = control;

async function addServer({ context, caller }: ControlWorld): Promise<string> {
  const options = { driver: 'local' as const, path: '/srv/disk' };
  const maintenance = { checkEveryDays: null, readDataPercent: 0, pruneEveryDays: null };
  const created = { name: 'disk', options, maintenance, password: new Secret('x'), repositoryId: 'x', adopted: true };
  return (await control.storageServers.recordCreated(context, caller, created)).id;
}

const idOf = (number: number): string => number.toString(16).padStart(64, '0');

withDatabases('snapshots', ({ open }) => {
  test('those of a repository are adopted once, and those that are gone go', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    const storageServerId = await addServer(world);
    const found = [1, 2, 3].map((number) => ({ snapshotId: idOf(number), timeMs: number, tags: ['holdfast'] }));
    clock.advance(1000);
    const adopt = async (numbers: readonly number[], listedMs = nowMs(clock)): Promise<unknown> =>
      await snapshots.adopt(context, caller, {
        storageServerId,
        listedMs,
        snapshots: numbers.map((number) => found[number - 1] ?? found[0]).filter((one) => one !== undefined),
      });
    assert.deepEqual(await adopt([1, 2, 3]), { added: 3, removed: 0 });
    const { items } = await snapshots.list(context, caller, { limit: 10 });
    assert.deepEqual(
      items.map(({ timeMs }) => timeMs),
      [3, 2, 1],
    );
    await snapshots.pin(context, caller, { id: String(items[0]?.id), pinned: true });
    clock.advance(1000);
    assert.deepEqual(await adopt([2, 3]), { added: 0, removed: 1 });
    assert.deepEqual(await adopt([2, 3]), { added: 0, removed: 0 });
    const after = await snapshots.list(context, caller, { limit: 10, storageServerId });
    assert.deepEqual(
      after.items.map(({ timeMs, pinned }) => [timeMs, pinned]),
      [
        [3, true],
        [2, false],
      ],
    );
    // What a run left while the repository was listed is not in the listing, and stays.
    const beforeAllMs = nowMs(clock) - 60_000;
    assert.deepEqual(await adopt([], beforeAllMs), { added: 0, removed: 0 });
    await assert.rejects(snapshots.adopt(context, caller, { storageServerId: 'f'.repeat(32), listedMs: 0, snapshots: [] }), (error) =>
      CodedError.is(error, 'not-found'),
    );
  });

  test('pages hold each snapshot once, the newest first, also where times are equal', async () => {
    await using world = await open();
    const { context, caller } = world;
    const storageServerId = await addServer(world);
    const found = Array.from({ length: 25 }, (_, index) => ({ snapshotId: idOf(index), timeMs: 1000 + Math.floor(index / 4), tags: [] }));
    await snapshots.adopt(context, caller, { storageServerId, listedMs: 0, snapshots: found });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await snapshots.list(context, caller, { limit: 7, storageServerId, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items.map(({ timeMs, id }) => `${timeMs}-${id}`));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.equal(new Set(seen).size, 25);
    assert.deepEqual(seen, [...seen].sort().reverse());
    await assert.rejects(
      snapshots.list(context, caller, { limit: 7, after: "1' or 1=1" }),
      (error) => CodedError.is(error, 'invalid-argument') && error.context['field'] === 'after',
    );
  });
});
