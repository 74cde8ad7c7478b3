import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { planRetention } from './plan-retention.ts';
import { parseRetentionPolicy, type RetentionPolicy, retentionPolicySchema } from './retention-policy.ts';

const defaults: RetentionPolicy = {
  keep_all_backups_for_days: 7,
  keep_daily_backups_for_days: 16,
  keep_weekly_backups_for_weeks: 8,
  keep_monthly_backups_for_months: 4,
  keep_yearly_backups_for_years: 2,
  delete_oldest_backups_when_using_more_megabytes_than: 5000,
  representative: 'latest',
};

test('what is missing has its default', () => {
  assert.deepEqual(parseRetentionPolicy({}), defaults);
  assert.deepEqual(parseRetentionPolicy({ keep_all_backups_for_days: 0, delete_oldest_backups_when_using_more_megabytes_than: null }), {
    ...defaults,
    keep_all_backups_for_days: 0,
    delete_oldest_backups_when_using_more_megabytes_than: null,
  });
});

test('F46 a typo in a rule, a wrong unit and a wrong number are refused, by the name of the setting and what is wrong', () => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    [{ keep_daily_backups_for_day: 16 }, /keep_daily_backups_for_day: there is no such field/],
    [{ keepDaily: 16, keep_all_backups_for_days: -1 }, /keep_all_backups_for_days: .* not -1; keepDaily: there is no such field/],
    [{ keep_weekly_backups_for_weeks: '8w' }, /keep_weekly_backups_for_weeks: must be a whole number from 0 to 100000, not "8w"/],
    [{ keep_monthly_backups_for_months: 1.5 }, /keep_monthly_backups_for_months: .* not 1\.5/],
    [{ keep_yearly_backups_for_years: null }, /keep_yearly_backups_for_years: .* not null/],
    [{ keep_yearly_backups_for_years: 1e9 }, /keep_yearly_backups_for_years: .* not 1000000000/],
    [{ delete_oldest_backups_when_using_more_megabytes_than: 0 }, /megabytes_than: .* from 1 to \d+, or null for no limit, not 0/],
    [{ delete_oldest_backups_when_using_more_megabytes_than: -5 }, /megabytes_than: .* not -5/],
    [{ delete_oldest_backups_when_using_more_megabytes_than: 0.5 }, /megabytes_than: .* not 0\.5/],
    [{ delete_oldest_backups_when_using_more_megabytes_than: '5 GB' }, /megabytes_than: .* not "5 GB"/],
    [{ representative: 'last' }, /representative: must be "latest" or "earliest", not "last"/],
    [null, /The retention policy is not right/],
    ['keep everything', /The retention policy is not right/],
    [[], /The retention policy is not right/],
  ];
  for (const [value, message] of table) {
    assert.throws(
      () => parseRetentionPolicy(value),
      (error) => {
        assert.ok(CodedError.is(error, 'invalid-argument'));
        assert.match(error.message, message);
        assert.match(error.hint ?? '', /keep_all_backups_for_days/);
        return true;
      },
    );
  }
});

test('F46 any other setting, and any setting that is no number, is refused', () => {
  const names = Object.keys(retentionPolicySchema.shape);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.constantFrom(...names).map((name) => name.slice(0, -1)),
      ),
      fc.jsonValue(),
      (name, value) => {
        if (!names.includes(name)) assert.throws(() => parseRetentionPolicy(JSON.parse(`{${JSON.stringify(name)}:1}`)), CodedError);
        for (const setting of names) {
          if (typeof value === 'number' || value === null || value === 'latest' || value === 'earliest') continue;
          assert.throws(() => parseRetentionPolicy({ [setting]: value }), CodedError);
        }
      },
    ),
    { numRuns: Number(process.env['HOLDFAST_FC_RUNS'] ?? '200') },
  );
});

test('F46 a plan for a policy that nobody checked is refused as well, and a policy of zeros keeps the newest', () => {
  const snapshots = [1, 2, 3].map((nr) => ({ id: `${nr}`, timeMs: Date.UTC(2026, 0, nr), bytes: 1 }));
  const input = { snapshots, nowMs: Date.UTC(2026, 5, 1), zone: 'UTC' };
  const typo = { ...defaults, keep_dayly: 3 } as RetentionPolicy;
  assert.throws(() => planRetention({ ...input, policy: typo }), CodedError);
  const zeros = Object.fromEntries(Object.keys(defaults).map((name) => [name, 0]));
  const policy = parseRetentionPolicy({ ...zeros, delete_oldest_backups_when_using_more_megabytes_than: null, representative: 'latest' });
  assert.deepEqual(
    planRetention({ ...input, policy }).entries.map(({ keep, rule }) => [keep, rule]),
    [
      [false, 'expired'],
      [false, 'expired'],
      [true, 'newest'],
    ],
  );
});
