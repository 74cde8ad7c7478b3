import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomHistory } from '../../../../test/support/random-retention-history.ts';
import { naiveRetention } from './naive-retention.ts';
import { planRetention } from './plan-retention.ts';
import { fileBytes } from './union-bytes.ts';

const histories = Number(process.env['HOLDFAST_RETENTION_HISTORIES'] ?? '1000');

test('F44 the plan is that of a second, naive reading of the rules, for any history', (t) => {
  let [snapshotCount, removed] = [0, 0];
  fc.assert(
    fc.property(randomHistory, (history) => {
      const { entries } = planRetention({ ...history, bytesOf: fileBytes(history.snapshots) });
      const expected = naiveRetention(history.policy, history.snapshots, history.nowMs, history.zone);
      assert.deepEqual(
        entries.map(({ id, keep, rule }) => [id, `${keep ? 'keep' : 'remove'} ${rule}`]),
        history.snapshots.map(({ id }) => [id, expected.get(id)]),
      );
      snapshotCount += entries.length;
      removed += entries.filter(({ keep }) => !keep).length;
    }),
    { numRuns: histories },
  );
  t.diagnostic(`${histories} histories, ${snapshotCount} snapshots, ${removed} of them removed`);
});
