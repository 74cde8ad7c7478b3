import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BusyRun, chooseRun, type WaitingRun } from './choose-run.ts';
import { isExclusive } from './run-row.ts';

const minuteMs = 60_000;

function waiting(id: string, kind: string, backupId: string | null, storageServerIds: string[], notBeforeMs = 0): WaitingRun {
  return { id, kind, backupId, storageServerIds, notBeforeMs };
}

test('F59: a backup does not run beside itself, and its retention not beside it', () => {
  const running = [{ kind: 'backup', backupId: 'a', storageServerIds: ['1'] }];
  assert.equal(chooseRun([waiting('x', 'backup', 'a', ['2'])], running, 2, 0), undefined);
  assert.equal(chooseRun([waiting('x', 'retention', 'a', ['2'])], running, 2, 0), undefined);
  assert.equal(chooseRun([waiting('x', 'restore', 'a', ['1'])], running, 2, 0)?.id, 'x');
});

test('a storage server is shared by two backups, or one run has it for itself', () => {
  const one = { kind: 'backup', backupId: 'a', storageServerIds: ['1'] };
  const two = { kind: 'backup', backupId: 'b', storageServerIds: ['1', '2'] };
  assert.equal(chooseRun([waiting('x', 'backup', 'c', ['1'])], [one], 2, 0)?.id, 'x');
  assert.equal(chooseRun([waiting('x', 'backup', 'c', ['1'])], [one, two], 2, 0), undefined);
  assert.equal(chooseRun([waiting('x', 'check', null, ['1'])], [one], 2, 0), undefined);
  assert.equal(chooseRun([waiting('x', 'check', null, ['2'])], [one], 2, 0)?.id, 'x');
  assert.equal(
    chooseRun([waiting('x', 'backup', 'c', ['1'])], [{ kind: 'prune', backupId: null, storageServerIds: ['1'] }], 2, 0),
    undefined,
  );
});

test('who wants a storage server for himself is let in before those that came later, but does not hold them up for long', () => {
  const running = [{ kind: 'backup', backupId: 'a', storageServerIds: ['1'] }];
  const queue = [waiting('x', 'check', null, ['1']), waiting('y', 'backup', 'b', ['1'], 1)];
  assert.equal(chooseRun(queue, running, 2, minuteMs), undefined);
  assert.equal(chooseRun(queue, running, 2, 11 * minuteMs)?.id, 'y');
});

test('a run that hangs holds up only what needs the same', () => {
  const running = [{ kind: 'prune', backupId: null, storageServerIds: ['1'] }];
  const queue = [waiting('x', 'backup', 'a', ['1']), waiting('y', 'retention', 'b', ['1']), waiting('z', 'backup', 'c', ['2'])];
  assert.equal(chooseRun(queue, running, 2, 0)?.id, 'z');
});

test('whatever waits and runs, the limits hold, and nothing waits that could run once courtesy is over', () => {
  const server = fc.constantFrom('1', '2', '3');
  const kind = fc.constantFrom('backup', 'restore', 'check', 'prune', 'retention');
  const run = fc.record({
    id: fc.uuid(),
    kind,
    backupId: fc.option(fc.constantFrom('a', 'b', 'c')),
    storageServerIds: fc.uniqueArray(server, { minLength: 1, maxLength: 2 }),
    notBeforeMs: fc.integer({ min: 0, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (queue, most) => {
      const running: BusyRun[] = [];
      const left: WaitingRun[] = [...queue];
      for (;;) {
        const chosen = chooseRun(left, running, most, 60 * minuteMs);
        if (chosen === undefined) break;
        left.splice(left.indexOf(chosen), 1);
        running.push(chosen);
      }
      for (const id of ['1', '2', '3']) {
        const there = running.filter(({ storageServerIds }) => storageServerIds.includes(id));
        assert.ok(there.length <= most);
        if (there.some((each) => isExclusive(each.kind))) assert.equal(there.length, 1);
      }
      for (const id of ['a', 'b', 'c']) {
        const its = running.filter((each) => each.backupId === id && (each.kind === 'backup' || each.kind === 'retention'));
        assert.ok(its.length <= 1);
      }
      for (const each of left) {
        const isBusy = each.backupId !== null && running.some((other) => other.backupId === each.backupId);
        const isShut = each.storageServerIds.some((id) => running.some((other) => other.storageServerIds.includes(id)));
        assert.ok(isBusy || isShut, `${each.kind} could run`);
      }
    }),
    { numRuns: Number(process.env['HOLDFAST_FC_RUNS'] ?? 300) },
  );
});
