import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RandomHistory, randomHistory } from '../../../../test/support/random-retention-history.ts';
import { applyCap } from './apply-cap.ts';
import { planRetention } from './plan-retention.ts';
import type { RetentionPlan } from './retention-plan.ts';
import type { RetentionSnapshot } from './retention-snapshot.ts';
import { fileBytes } from './union-bytes.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '300');

const plan = (history: RandomHistory): RetentionPlan => planRetention({ ...history, bytesOf: fileBytes(history.snapshots) });
const keptIds = ({ entries }: RetentionPlan): Set<string> => new Set(entries.filter(({ keep }) => keep).map(({ id }) => id));
const keptOf = (history: RandomHistory): readonly RetentionSnapshot[] => {
  const ids = keptIds(plan(history));
  return history.snapshots.filter(({ id }) => ids.has(id));
};
const verdicts = (result: RetentionPlan): Map<string, string> =>
  new Map(result.entries.map(({ id, keep, rule }) => [id, `${keep ? 'keep' : 'remove'} ${rule}`]));
const newestOf = ({ snapshots, nowMs }: RandomHistory): RetentionSnapshot | undefined =>
  snapshots
    .filter((each) => each.complete !== false && each.timeMs <= nowMs)
    .toSorted((a, b) => b.timeMs - a.timeMs || (a.id < b.id ? 1 : -1))[0];

test('planning again on what was kept, at the same time, removes nothing, and without a cap names the same rules', () => {
  fc.assert(
    fc.property(randomHistory, (history) => {
      const first = verdicts(plan(history));
      const again = verdicts(plan({ ...history, snapshots: keptOf(history) }));
      for (const [id, verdict] of again) {
        assert.match(verdict, /^keep /);
        // A cap may take the earliest of a group, which the newest then stands for itself.
        if (history.policy.delete_oldest_backups_when_using_more_megabytes_than === null) assert.equal(verdict, first.get(id));
      }
    }),
    { numRuns },
  );
});

test('the order of the snapshots does not matter', () => {
  fc.assert(
    fc.property(randomHistory, fc.infiniteStream(fc.nat()), (history, keys) => {
      const shuffled = history.snapshots.map((snapshot) => ({ snapshot, key: keys.next().value ?? 0 })).sort((a, b) => a.key - b.key);
      const other = plan({ ...history, snapshots: shuffled.map(({ snapshot }) => snapshot) });
      assert.deepEqual([...verdicts(other)].sort(), [...verdicts(plan(history))].sort());
    }),
    { numRuns },
  );
});

test('F45 the newest complete one, the pinned and the future ones stay, whatever the policy and the cap; something always stays', () => {
  fc.assert(
    fc.property(randomHistory, (history) => {
      const kept = keptIds(plan(history));
      const newest = newestOf(history);
      if (newest !== undefined) assert.ok(kept.has(newest.id));
      for (const { id, pinned, timeMs } of history.snapshots) if (pinned === true || timeMs > history.nowMs) assert.ok(kept.has(id));
      assert.equal(kept.size === 0, history.snapshots.length === 0);
    }),
    { numRuns },
  );
});

test('F45 a backup that stalled keeps its newest, however often retention runs and however long it stalls', () => {
  fc.assert(
    fc.property(randomHistory, fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 8 }), (history, pausesDays) => {
      let now: RandomHistory = history;
      for (const days of pausesDays) now = { ...now, snapshots: keptOf(now), nowMs: now.nowMs + days * 86_400_000 };
      const newest = newestOf(now);
      if (newest !== undefined) assert.ok(keptOf(now).some(({ id }) => id === newest.id));
      if (history.snapshots.length > 0) assert.ok(now.snapshots.length > 0);
    }),
    { numRuns },
  );
});

test('F44 incomplete snapshots stand for no other and push none out', () => {
  fc.assert(
    fc.property(randomHistory, (history) => {
      const policy = { ...history.policy, delete_oldest_backups_when_using_more_megabytes_than: null };
      const complete = history.snapshots.filter((each) => each.complete !== false);
      const withAll = verdicts(plan({ ...history, policy }));
      for (const [id, verdict] of verdicts(plan({ ...history, policy, snapshots: complete }))) assert.equal(withAll.get(id), verdict);
    }),
    { numRuns },
  );
});

test('a larger cap keeps more, and so do more years of the latest; all the days before them are no such promise', () => {
  const isSubset = (smaller: Set<string>, larger: Set<string>): void => assert.ok(smaller.isSubsetOf(larger));
  fc.assert(
    fc.property(randomHistory, fc.integer({ min: 1, max: 60 }), (history, more) => {
      const cap = history.policy.delete_oldest_backups_when_using_more_megabytes_than;
      const withCap = (megabytes: number | null): Set<string> =>
        keptIds(plan({ ...history, policy: { ...history.policy, delete_oldest_backups_when_using_more_megabytes_than: megabytes } }));
      if (cap !== null) isSubset(withCap(cap), withCap(cap + more));
      isSubset(withCap(cap), withCap(null));
      const years = (count: number): Set<string> =>
        keptIds(
          plan({
            ...history,
            policy: {
              ...history.policy,
              representative: 'latest',
              delete_oldest_backups_when_using_more_megabytes_than: null,
              keep_yearly_backups_for_years: count,
            },
          }),
        );
      isSubset(years(history.policy.keep_yearly_backups_for_years), years(history.policy.keep_yearly_backups_for_years + more));
    }),
    { numRuns },
  );
});

test('a cap on shared data: one question, exactly as many as fit, the oldest first', () => {
  const shared = fc.array(fc.uniqueArray(fc.nat(30), { maxLength: 12 }), { minLength: 60, maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(randomHistory, shared, fc.integer({ min: 1, max: 30 }), (history, blobs, cap) => {
      const megabyte = 1_048_576;
      const policy = { ...history.policy, delete_oldest_backups_when_using_more_megabytes_than: cap };
      const blobsOf = new Map(history.snapshots.map(({ id }, nr) => [id, blobs[nr] ?? []]));
      const union = (ids: Iterable<string>): number => new Set([...ids].flatMap((id) => blobsOf.get(id) ?? [])).size * megabyte;
      const before = planRetention({ ...history, policy });
      if (before.cap === null) return assert.fail('the policy has a cap');
      const growth = before.cap.order.map((_, nr, order) => union(order.slice(0, nr + 1)) - union(order.slice(0, nr)));
      const after = applyCap(before, growth);
      assert.equal(after.cap, null);
      const order = [...before.cap.order]; // by its definition: while it does not fit, the oldest that may go goes
      while (order.length > before.cap.protectedCount && union(order) > cap * megabyte) order.pop();
      assert.deepEqual([...keptIds(after)].sort(), order.sort());
    }),
    { numRuns },
  );
});

test('until: the rule holds up to the millisecond before and no longer', () => {
  fc.assert(
    fc.property(randomHistory, fc.nat(), (history, draw) => {
      const policy = { ...history.policy, delete_oldest_backups_when_using_more_megabytes_than: null };
      const { entries } = planRetention({ ...history, policy });
      const bounded = entries.filter(({ until }) => until !== null);
      const entry = bounded[draw % Math.max(1, bounded.length)];
      if (entry === undefined || entry.until === null) return;
      const untilMs = Temporal.Instant.from(entry.until).epochMilliseconds;
      assert.ok(untilMs > history.nowMs);
      const at = (nowMs: number): string | undefined => verdicts(planRetention({ ...history, policy, nowMs })).get(entry.id);
      assert.notEqual(at(untilMs), `keep ${entry.rule}`);
      // Months that are clamped and hours that are skipped move far ends back for a while, which `until` does not foresee.
      if (policy.keep_monthly_backups_for_months > 0 || policy.keep_yearly_backups_for_years > 0 || history.zone !== 'UTC') return;
      for (const nowMs of [untilMs - 1, history.nowMs + Math.floor((untilMs - 1 - history.nowMs) * ((draw % 997) / 997))])
        assert.equal(at(nowMs), `keep ${entry.rule}`);
    }),
    { numRuns: numRuns * 3 },
  );
});
