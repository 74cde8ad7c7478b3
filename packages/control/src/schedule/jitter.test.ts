import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firesBetween } from './fires-between.ts';
import { jitteredFire, jitterMs } from './jitter.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '100');
const from = Date.UTC(2026, 2, 28);

test('jitter lies within its bounds, is the same each time, and never reorders or merges fires', () => {
  const schedules = fc.constantFrom({ minutes: [0, 1, 30] }, {}, { hours: [1, 2, 3], minutes: [0, 59] });
  fc.assert(
    fc.property(schedules, fc.string(), fc.integer({ min: 0, max: 86_400 }), (sets, seed, jitterSeconds) => {
      const schedule = { ...sets, jitterSeconds };
      const { fires } = firesBetween(schedule, from, from + 2 * 86_400_000, 'Europe/Berlin', 50);
      let before = Number.NEGATIVE_INFINITY;
      for (const fire of fires) {
        const delayed = jitteredFire(schedule, fire, 'Europe/Berlin', seed);
        const delayMs = delayed.epochMilliseconds - fire.epochMilliseconds;
        assert.ok(delayMs >= 0 && delayMs <= jitterSeconds * 1000);
        assert.ok(delayed.epochMilliseconds > before);
        assert.ok(delayed.equals(jitteredFire(schedule, fire.epochMilliseconds, 'Europe/Berlin', seed)));
        before = delayed.epochMilliseconds;
      }
    }),
    { numRuns },
  );
});

test('jitter spreads backups evenly and reaches both ends', () => {
  const fire = Temporal.Instant.fromEpochMilliseconds(from);
  const draw = (seed: string, jitterSeconds: number): number => jitterMs({ seed, fire, jitterSeconds, next: undefined });
  const delays = Array.from({ length: 4000 }, (_, nr) => draw(`backup ${nr}`, 10));
  for (let quarter = 0; quarter < 4; quarter++) {
    const count = delays.filter((delay) => Math.floor(delay / 2500.25) === quarter).length;
    assert.ok(count > 800 && count < 1200, `${count} of 4000 in quarter ${quarter}`);
  }
  assert.deepEqual(new Set(Array.from({ length: 200 }, (_, nr) => draw(`${nr}`, 0.001))), new Set([0, 1]));
  assert.equal(draw('any', 0), 0);
});
