import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunOutcome } from '@holdfast/contract';
import fc from 'fast-check';
import { type HealthInput, healthOf, overdueGraceMs } from './health-of.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 25, 12);

function input(changes: Partial<HealthInput> = {}): HealthInput {
  return {
    backupId: 'a',
    config: { schedule: { hours: [2], minutes: [0] }, timeZone: 'UTC' },
    paused: false,
    createdMs: nowMs - 10 * dayMs,
    nowMs,
    lastRun: { state: 'ended', outcome: 'succeeded' },
    lastSuccessMs: nowMs - 10 * hourMs,
    provenMs: nowMs - dayMs,
    failuresInRow: 0,
    ...changes,
  };
}

test('the states of a backup', () => {
  const of = (changes: Partial<HealthInput>): string => healthOf(input(changes)).health;
  const last = (outcome: RunOutcome): Partial<HealthInput> => ({ lastRun: { state: 'ended', outcome } });
  assert.equal(of({}), 'healthy');
  assert.equal(of({ paused: true, ...last('failed') }), 'paused');
  assert.equal(of(last('failed')), 'failing');
  assert.equal(of(last('interrupted')), 'failing');
  assert.equal(of(last('partial')), 'warning');
  assert.equal(of({ failuresInRow: 2, lastRun: { state: 'running', outcome: null } }), 'failing');
  assert.equal(of({ lastSuccessMs: nowMs - 2 * dayMs }), 'overdue');
  assert.equal(of({ lastSuccessMs: nowMs - 2 * dayMs, lastRun: { state: 'running', outcome: null } }), 'healthy');
  assert.equal(of({ lastSuccessMs: nowMs - 2 * dayMs, lastRun: { state: 'queued', outcome: null } }), 'overdue');
  assert.equal(of({ provenMs: nowMs - 31 * dayMs }), 'unproven');
  assert.equal(of({ provenMs: null }), 'healthy');
  assert.equal(of({ provenMs: null, createdMs: nowMs - 31 * dayMs }), 'unproven');
  assert.equal(of({ config: { schedule: null, timeZone: 'UTC' }, lastSuccessMs: nowMs - 9 * dayMs }), 'healthy');
  assert.equal(of({ lastSuccessMs: nowMs - 9 * dayMs, changedMs: nowMs - hourMs }), 'healthy');
});

test('F55: a backup that never ran is new, and overdue once its first fire after its making has passed', () => {
  const never = { lastRun: null, lastSuccessMs: null };
  assert.equal(healthOf(input({ ...never, createdMs: nowMs - hourMs })).health, 'new');
  const state = healthOf(input({ ...never, createdMs: nowMs - dayMs }));
  assert.deepEqual(state, { health: 'overdue', reason: 'It was due at 2026-11-25 02:00 and has not succeeded since.' });
});

test('silence is never healthy: without a success it becomes overdue within one fire and its grace', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 * 24 * 20 }), (minutes) => {
      const lateMs = nowMs + minutes * 60_000;
      const { health } = healthOf(input({ nowMs: lateMs, provenMs: lateMs }));
      const dueMs = Date.UTC(2026, 10, 26, 2);
      assert.equal(health, lateMs > dueMs + overdueGraceMs ? 'overdue' : 'healthy');
    }),
  );
});

test('F51: a success from the future does not hide that nothing happens', () => {
  assert.notEqual(healthOf(input({ lastSuccessMs: nowMs + 300 * dayMs, nowMs: nowMs + 2 * dayMs })).health, 'failing');
  const later = input({ lastSuccessMs: nowMs + dayMs, nowMs: nowMs + 3 * dayMs });
  assert.equal(healthOf(later).health, 'overdue');
});
