import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { applyCap } from './apply-cap.ts';
import { planRetention } from './plan-retention.ts';
import { parseRetentionPolicy } from './retention-policy.ts';
import { parseRetentionSnapshot, type RetentionSnapshot } from './retention-snapshot.ts';
import { fileBytes } from './union-bytes.ts';

const megabyte = 1_048_576;
const zone = 'Europe/Berlin';
const noCap = parseRetentionPolicy({ delete_oldest_backups_when_using_more_megabytes_than: null });
const at = (time: string): number => Temporal.Instant.from(time).epochMilliseconds;
const snapshot = (id: string, time: string, more: Partial<RetentionSnapshot> = {}): RetentionSnapshot => ({
  id,
  timeMs: at(time),
  bytes: megabyte,
  ...more,
});

test('the default policy, one backup each day at 02:00 for four years: exactly these days stay', () => {
  const nowMs = at('2026-11-25T03:00:00+01:00');
  const daily: RetentionSnapshot[] = [];
  for (let day = Temporal.PlainDate.from('2022-11-26'); day.toString() <= '2026-11-25'; day = day.add({ days: 1 }))
    daily.push({ id: day.toString(), timeMs: day.toZonedDateTime({ timeZone: zone, plainTime: '02:00' }).epochMilliseconds, bytes: 0 });
  const { entries } = planRetention({ policy: noCap, snapshots: daily, nowMs, zone });
  const kept = entries.filter(({ keep }) => keep).map(({ id, rule }) => [id, rule]);
  const all = ['2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25'];
  // From 18 November 03:00 back to 2 November 03:00: the backup of 2 November is past it.
  const days = Array.from({ length: 16 }, (_, nr) => `2026-11-${String(nr + 3).padStart(2, '0')}`);
  assert.deepEqual(kept, [
    // The fourth range ends on 7 May 2026, the last on 7 May 2024. A year's last backup in the range stays: 2024 whole to its end, 2025 too,
    // and of 2026 the last before 7 May 03:00, where monthly begins.
    ['2024-12-31', 'yearly 2024'],
    ['2025-12-31', 'yearly 2025'],
    ['2026-05-07', 'yearly 2026'],
    ['2026-05-31', 'monthly 2026-05'],
    ['2026-06-30', 'monthly 2026-06'],
    ['2026-07-31', 'monthly 2026-07'],
    ['2026-08-31', 'monthly 2026-08'],
    // Weekly is from 7 September 03:00 to 2 November 03:00; of week 45 it has only the Monday.
    ['2026-09-07', 'monthly 2026-09'],
    ['2026-09-13', 'weekly 2026-W37'],
    ['2026-09-20', 'weekly 2026-W38'],
    ['2026-09-27', 'weekly 2026-W39'],
    ['2026-10-04', 'weekly 2026-W40'],
    ['2026-10-11', 'weekly 2026-W41'],
    ['2026-10-18', 'weekly 2026-W42'],
    ['2026-10-25', 'weekly 2026-W43'],
    ['2026-11-01', 'weekly 2026-W44'],
    ['2026-11-02', 'weekly 2026-W45'],
    ...days.map((day) => [day, `daily ${day}`]),
    ...all.map((day) => [day, 'all']),
  ]);
  const gone = new Map(entries.filter(({ keep }) => !keep).map(({ id, rule }) => [id, rule]));
  assert.equal(gone.get('2024-05-07'), 'expired');
  assert.equal(gone.get('2024-05-08'), 'superseded in yearly 2024 by 2024-12-31');
  assert.equal(gone.get('2026-10-31'), 'superseded in weekly 2026-W44 by 2026-11-01');
  assert.equal(gone.size, daily.length - kept.length);
});

test('each kind of rule, with its end', () => {
  const snapshots = [
    snapshot('future', '2026-11-26T00:00:00Z'),
    snapshot('today', '2026-11-25T00:00:00Z'),
    snapshot('cut', '2026-11-24T00:00:00Z', { complete: false }),
    snapshot('early', '2026-11-10T05:00:00Z'),
    snapshot('late', '2026-11-10T20:00:00Z'),
    snapshot('old cut', '2026-11-09T20:00:00Z', { complete: false }),
    snapshot('pinned', '2020-01-01T00:00:00Z', { pinned: true, complete: false }),
    snapshot('ancient', '2020-01-02T00:00:00Z'),
  ];
  const { entries, cap } = planRetention({ policy: noCap, snapshots, nowMs: at('2026-11-25T12:00:00Z'), zone });
  assert.equal(cap, null);
  assert.deepEqual(
    entries.map(({ id, keep, rule, until }) => [id, keep, rule, until]),
    [
      ['future', true, 'future', null],
      ['today', true, 'all', '2026-12-02T00:00:00Z'],
      ['cut', true, 'incomplete', '2026-12-01T00:00:00Z'],
      ['early', false, 'superseded in daily 2026-11-10 by late', null],
      ['late', true, 'daily 2026-11-10', '2026-12-03T20:00:00Z'],
      ['old cut', false, 'incomplete', null],
      ['pinned', true, 'pinned', null],
      ['ancient', false, 'expired', null],
    ],
  );
});

test('until is when a later one of the same day comes into the range, if that is before the end', () => {
  const snapshots = [snapshot('morning', '2026-11-18T08:00:00Z'), snapshot('noon', '2026-11-18T12:00:00Z')];
  const { entries } = planRetention({ policy: noCap, snapshots, nowMs: at('2026-11-25T09:00:00Z'), zone });
  assert.deepEqual(
    entries.map(({ rule, until }) => [rule, until]),
    [
      ['daily 2026-11-18', '2026-11-25T12:00:00Z'],
      ['all', '2026-11-25T12:00:00Z'],
    ],
  );
});

test('until with months that are shorter: 30 January leaves one month on 1 March, not on 28 February', () => {
  const policy = parseRetentionPolicy({
    keep_all_backups_for_days: 0,
    keep_daily_backups_for_days: 0,
    keep_weekly_backups_for_weeks: 0,
    keep_monthly_backups_for_months: 1,
    delete_oldest_backups_when_using_more_megabytes_than: null,
  });
  const snapshots = [snapshot('a', '2026-01-30T12:00:00Z')];
  const [entry] = planRetention({ policy, snapshots, nowMs: at('2026-02-10T00:00:00Z'), zone: 'UTC' }).entries;
  assert.deepEqual([entry?.rule, entry?.until], ['monthly 2026-01', '2026-03-01T00:00:00Z']);
});

test('of equal times, the greater ID is the later', () => {
  const snapshots = ['b', 'c', 'a'].map((id) => snapshot(id, '2026-11-10T05:00:00Z'));
  const rules = (representative: 'latest' | 'earliest'): (readonly [string, boolean])[] =>
    planRetention({
      policy: { ...noCap, representative },
      snapshots: [...snapshots, snapshot('z', '2026-11-24T00:00:00Z')],
      nowMs: at('2026-11-25T12:00:00Z'),
      zone,
    }).entries.map(({ id, keep }) => [id, keep]);
  assert.deepEqual(rules('latest').slice(0, 3), [
    ['b', false],
    ['c', true],
    ['a', false],
  ]);
  assert.deepEqual(rules('earliest').slice(0, 3), [
    ['b', false],
    ['c', false],
    ['a', true],
  ]);
});

test('weeks belong to the year of their Thursday, and a day is a day where clocks change', () => {
  const weekly = parseRetentionPolicy({ keep_all_backups_for_days: 0, keep_daily_backups_for_days: 0, keep_weekly_backups_for_weeks: 60 });
  const snapshots = [snapshot('a', '2026-12-31T12:00:00Z'), snapshot('b', '2027-01-03T12:00:00Z'), snapshot('c', '2027-01-04T12:00:00Z')];
  const plan = planRetention({ policy: weekly, snapshots, nowMs: at('2027-01-10T12:00:00Z'), zone });
  assert.deepEqual(
    plan.entries.map(({ rule }) => rule),
    ['superseded in weekly 2026-W53 by b', 'weekly 2026-W53', 'weekly 2027-W01'],
  );
  // 24 hours after 12:00 of the day before the clocks go back it is 11:00: a day is not over yet.
  const day = parseRetentionPolicy({ keep_all_backups_for_days: 1 });
  const [entry] = planRetention({
    policy: day,
    snapshots: [snapshot('a', '2026-10-24T12:00:00+02:00')],
    nowMs: at('2026-10-24T13:00:00+02:00'),
    zone,
  }).entries;
  assert.equal(entry?.until, '2026-10-25T11:00:00Z');
});

test('F44 runs that left something out never count: good ones are not pushed out, however many fail', () => {
  const good = snapshot('good', '2026-11-10T02:00:00Z');
  const failed = Array.from({ length: 14 }, (_, nr) =>
    snapshot(`failed ${nr}`, `2026-11-${nr + 11}T02:00:00Z`, { complete: false, bytes: 0 }),
  );
  const later = snapshot('failed that day', '2026-11-10T20:00:00Z', { complete: false });
  const { entries } = planRetention({ policy: noCap, snapshots: [good, later, ...failed], nowMs: at('2026-11-25T12:00:00Z'), zone });
  assert.deepEqual(entries[0], { id: 'good', keep: true, rule: 'daily 2026-11-10', until: '2026-12-03T02:00:00Z' });
  assert.ok(
    entries.slice(1).every(({ keep, rule }) => keep && rule === 'incomplete'),
    'none is newer and complete',
  );
});

test('F45 ten years after the last backup its newest is there', () => {
  const snapshots = [snapshot('a', '2026-11-10T02:00:00Z'), snapshot('b', '2026-11-11T02:00:00Z')];
  const { entries } = planRetention({ policy: noCap, snapshots, nowMs: at('2036-11-25T12:00:00Z'), zone });
  assert.deepEqual(
    entries.map(({ keep, rule, until }) => [keep, rule, until]),
    [
      [false, 'expired', null],
      [true, 'newest', null],
    ],
  );
});

test('a cap takes the oldest first and never the newest, a pinned or a future one', () => {
  const policy = { ...noCap, delete_oldest_backups_when_using_more_megabytes_than: 3 };
  const snapshots = [
    snapshot('future', '2026-12-01T00:00:00Z'),
    snapshot('pinned', '2020-01-01T00:00:00Z', { pinned: true }),
    ...['20', '21', '22', '23', '24'].map((day) => snapshot(day, `2026-11-${day}T12:00:00Z`)),
  ];
  const input = { policy, snapshots, nowMs: at('2026-11-25T12:00:00Z'), zone };
  const removed = (bytes: number): string[] =>
    planRetention({ ...input, bytesOf: (order) => order.map(() => bytes) }).entries.flatMap(({ id, keep, rule }) => {
      assert.equal(keep, rule !== 'cap');
      return keep ? [] : [id];
    });
  assert.deepEqual(removed(0), []);
  assert.deepEqual(removed(megabyte / 2), ['20']);
  assert.deepEqual(removed(megabyte), ['20', '21', '22', '23']);
  assert.deepEqual(removed(100 * megabyte), ['20', '21', '22', '23'], 'what is left is protected, also where it is too much');
  assert.deepEqual(planRetention(input).cap, {
    capBytes: 3 * megabyte,
    order: ['future', '24', 'pinned', '23', '22', '21', '20'],
    protectedCount: 3,
  });
});

test('a cap leaves the last one where none is complete', () => {
  const policy = { ...noCap, delete_oldest_backups_when_using_more_megabytes_than: 1 };
  const snapshots = ['23', '24'].map((day) => snapshot(day, `2026-11-${day}T12:00:00Z`, { complete: false, bytes: 9 * megabyte }));
  const plan = planRetention({ policy, snapshots, nowMs: at('2026-11-25T12:00:00Z'), zone, bytesOf: fileBytes(snapshots) });
  assert.deepEqual(
    plan.entries.map(({ rule }) => rule),
    ['cap', 'incomplete'],
  );
});

test('sizes in doubt remove nothing', () => {
  const snapshots = ['23', '24'].map((day) => snapshot(day, `2026-11-${day}T12:00:00Z`));
  const plan = planRetention({ policy: parseRetentionPolicy({}), snapshots, nowMs: at('2026-11-25T12:00:00Z'), zone });
  for (const growth of [[], [1], [1, 2, 3], [1, Number.NaN], [1, -1], [1, 1.5], [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]])
    assert.throws(() => applyCap(plan, growth), CodedError);
  assert.throws(
    () => planRetention({ policy: parseRetentionPolicy({}), snapshots, nowMs: at('2026-11-25T12:00:00Z'), zone, bytesOf: fileBytes([]) }),
    CodedError,
  );
});

test('an ID twice, a time or a zone that is none are refused; nothing is no plan', () => {
  const nowMs = at('2026-11-25T12:00:00Z');
  const one = snapshot('a', '2026-11-24T00:00:00Z');
  const twice = [one, { ...one, timeMs: 0 }];
  const inputs = [
    { snapshots: twice, nowMs, zone },
    { snapshots: [{ ...one, timeMs: Number.NaN }], nowMs, zone },
    { snapshots: [one], nowMs: 0.5, zone },
    { snapshots: [one], nowMs, zone: 'Europe/Bärlin' },
  ];
  for (const input of inputs)
    assert.throws(
      () => planRetention({ policy: noCap, ...input }),
      (error) => CodedError.is(error, 'invalid-argument'),
    );
  assert.deepEqual(planRetention({ policy: noCap, snapshots: [], nowMs, zone }), { entries: [], cap: null });
});

test('a snapshot from JSON, and what is none', () => {
  assert.deepEqual(parseRetentionSnapshot({ id: 'a', time: '2026-11-25T02:30:00.1239+01:00', bytes: 5 }), {
    id: 'a',
    timeMs: at('2026-11-25T01:30:00.123Z'),
    bytes: 5,
    pinned: false,
    complete: true,
  });
  const right = { id: 'a', time: '2026-11-25T02:30:00Z', bytes: 5 };
  const table: readonly (readonly [unknown, RegExp])[] = [
    [{ ...right, id: '' }, /id: must not be empty/],
    [{ ...right, id: 7 }, /id: must be a text, not 7/],
    [{ ...right, time: '2026-11-25' }, /time: .* not "2026-11-25"/],
    [{ ...right, time: '2026-11-25T02:30:00' }, /time: must be an instant/],
    [{ ...right, time: 5 }, /time: .* not 5/],
    [{ ...right, bytes: -1 }, /bytes: .* not -1/],
    [{ ...right, bytes: 1.5 }, /bytes: .* not 1\.5/],
    [{ ...right, bytes: '5' }, /bytes: .* not "5"/],
    [{ ...right, pinned: 'yes' }, /pinned: must be true or false, not "yes"/],
    [{ ...right, pined: true }, /pined: there is no such field/],
    [{ id: 'a' }, /time: .* not nothing; bytes: .* not nothing/],
    [[], /The snapshot is not right/],
  ];
  for (const [value, message] of table)
    assert.throws(
      () => parseRetentionSnapshot(value),
      (error) => CodedError.is(error, 'invalid-argument') && message.test(error.message),
      JSON.stringify(value),
    );
});
