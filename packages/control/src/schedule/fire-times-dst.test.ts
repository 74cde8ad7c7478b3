import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bruteForceFires } from './brute-force-fires.ts';
import { compileSchedule } from './compile-schedule.ts';
import { firesBetween } from './fires-between.ts';
import { nextFire } from './next-fire.ts';
import type { Schedule } from './schedule.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '400');
/** HOLDFAST_DST_ALL=1 looks at every zone there is and the years from 2020 to 2037. */
const isFull = process.env['HOLDFAST_DST_ALL'] === '1';
const hourMs = 3_600_000;

const someZones = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Havana',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Asia/Beirut',
  'Pacific/Apia',
];
const zones = isFull ? Intl.supportedValuesOf('timeZone') : someZones;
const [firstMs, lastMs] = isFull ? [Date.UTC(2020, 0, 1), Date.UTC(2038, 0, 1)] : [Date.UTC(2024, 0, 1), Date.UTC(2027, 0, 1)];

interface Window {
  readonly zone: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function windowsOf(zone: string, from: number, to: number): Window[] {
  const windows: Window[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  for (; at !== null && at.epochMilliseconds < to; at = at.getTimeZoneTransition('next'))
    windows.push({ zone, fromMs: at.epochMilliseconds - 30 * hourMs, toMs: at.epochMilliseconds + 30 * hourMs });
  return windows.length > 0 ? windows : [{ zone, fromMs: from, toMs: from + 60 * hourMs }];
}

/** What the clock of the zone shows, as if it were UTC; remembered for each minute of a window. */
function faceOf({ zone, fromMs, toMs }: Window): (epochMs: number) => number {
  const faces = Float64Array.from({ length: (toMs - fromMs) / 60_000 + 1 }, (_, minute) => {
    const epochMs = fromMs + minute * 60_000;
    return epochMs + Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
  });
  return (epochMs) => faces[(epochMs - fromMs) / 60_000] ?? Number.NaN;
}

function compare(schedule: Schedule, window: Window, faceMs: (epochMs: number) => number): void {
  const expected = bruteForceFires(compileSchedule(schedule), window.fromMs, window.toMs, faceMs);
  const { fires } = firesBetween(schedule, window.fromMs, window.toMs, window.zone, 10_000);
  const actual = fires.map((fire) => fire.epochMilliseconds);
  assert.deepEqual(actual, expected, `${JSON.stringify(schedule)} ${window.zone} ${new Date(window.fromMs).toISOString()}`);
  let before = window.fromMs;
  for (const fireMs of actual.slice(0, 50)) {
    assert.ok(fireMs > before, 'strictly increasing');
    assert.equal(nextFire(schedule, before, window.zone)?.epochMilliseconds, fireMs);
    assert.equal(nextFire(schedule, fireMs - 1, window.zone)?.epochMilliseconds, fireMs, 'from just before: the same');
    before = fireMs;
  }
}

const numbers = (lowest: number, highest: number, longest: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: lowest, max: highest }), { minLength: 1, maxLength: longest });

const sets = fc.record(
  {
    hours: fc.oneof(numbers(0, 4, 4), numbers(0, 23, 6)),
    minutes: fc.oneof(fc.constantFrom([0], [30], [0, 15, 30, 45], [59]), numbers(0, 59, 10)),
    daysOfWeek: numbers(1, 7, 6),
    daysOfMonth: numbers(1, 31, 25),
    months: numbers(1, 12, 11),
  },
  { requiredKeys: [] },
);
const crons = fc
  .tuple(
    fc.constantFrom('0', '30', '*/20', '5-50/15', '*'),
    fc.constantFrom('0', '1-3', '2', '*/2', '*', '23,0'),
    fc.constantFrom('*', '*/2', '1-20'),
    fc.constantFrom('*', '3,4,9-11'),
    fc.constantFrom('*', 'sun', 'sat-sun', '*/2'),
  )
  .map((fields) => ({ cron: fields.join(' ') }));

const fixed: readonly Schedule[] = [
  { hours: [0, 1, 2, 3], minutes: [0, 30] },
  { hours: [0], minutes: [0] },
  { hours: [23], minutes: [59] },
  { cron: '*/10 * * * *' },
  { daysOfWeek: [7], hours: [0, 1, 2], minutes: [15, 30, 45] },
];

test('F52 dst-all: around each change of the clocks, the fires are those that somebody sees who looks at the clock each minute', () => {
  for (const zone of zones) {
    for (const window of windowsOf(zone, firstMs, lastMs)) {
      const faceMs = faceOf(window);
      for (const schedule of fixed) compare(schedule, window, faceMs);
    }
  }
});

test('F52 dst-all: the same of any schedule', () => {
  const windows = someZones.flatMap((zone) => windowsOf(zone, Date.UTC(2024, 0, 1), Date.UTC(2027, 0, 1)));
  const faces = new Map<Window, (epochMs: number) => number>();
  fc.assert(
    fc.property(fc.oneof(sets, crons), fc.nat(windows.length - 1), (schedule, index) => {
      const window = windows[index] as Window;
      const faceMs = faces.get(window) ?? faceOf(window);
      faces.set(window, faceMs);
      compare(schedule, window, faceMs);
    }),
    { numRuns: runs },
  );
});

test('F52 a day that a zone leaves out fires once, at the beginning of the next', () => {
  const schedule: Schedule = { daysOfMonth: [30], months: [12], hours: [2, 14], minutes: [30] };
  const { fires } = firesBetween(schedule, Date.UTC(2011, 11, 1), Date.UTC(2012, 0, 15), 'Pacific/Apia', 10);
  assert.deepEqual(
    fires.map((fire) => fire.toZonedDateTimeISO('Pacific/Apia').toString()),
    ['2011-12-31T00:00:00+14:00[Pacific/Apia]'],
  );
});
