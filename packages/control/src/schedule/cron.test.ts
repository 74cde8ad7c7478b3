import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { parseCron } from './cron.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '300');

test('lists, ranges, steps and names mean what crontab(5) says', () => {
  const minutes = (text: string): readonly number[] => parseCron(`${text} * * * *`).minutes;
  assert.deepEqual(minutes('5'), [5]);
  assert.deepEqual(minutes('10,5,5'), [5, 10]);
  assert.deepEqual(minutes('1-4'), [1, 2, 3, 4]);
  assert.deepEqual(minutes('*/20'), [0, 20, 40]);
  assert.deepEqual(minutes('10-30/10,59'), [10, 20, 30, 59]);
  assert.deepEqual(minutes('*/60'), [0]);
  const days = (text: string): readonly number[] => parseCron(`0 0 * * ${text}`).daysOfWeek;
  assert.deepEqual(days('0'), [7]);
  assert.deepEqual(days('7'), [7]);
  assert.deepEqual(days('0,7'), [7]);
  assert.deepEqual(days('5-7'), [5, 6, 7]);
  assert.deepEqual(days('FRI-Sun'), [5, 6, 7]);
  assert.deepEqual(days('sun-tue'), [1, 2, 7]);
  assert.deepEqual(days('*/2'), [2, 4, 6, 7]);
  assert.deepEqual(parseCron('0 0 1 Jan,jun-AUG *').months, [1, 6, 7, 8]);
});

test('day of month and day of week: one is enough where both are restricted, and a field that begins with a star is not', () => {
  assert.equal(parseCron('0 0 13 * fri').days, 'either');
  assert.equal(parseCron('0 0 13 * *').days, 'both');
  assert.equal(parseCron('0 0 * * fri').days, 'both');
  assert.equal(parseCron('0 0 */2 * fri').days, 'both');
});

test('nicknames', () => {
  const same: Readonly<Record<string, string>> = {
    '@hourly': '0 * * * *',
    '@daily': '0 0 * * *',
    '@midnight': '0 0 * * *',
    '@Weekly': '0 0 * * 7',
    '@monthly': '0 0 1 * *',
    '@yearly': '0 0 1 1 *',
    '@annually': '0 0 1 1 *',
  };
  for (const [name, line] of Object.entries(same)) assert.deepEqual(parseCron(` ${name}\t`), parseCron(line));
});

test('what is no cron line is refused with the reason', () => {
  const table: Readonly<Record<string, RegExp>> = {
    '': /0 fields/,
    '* * * *': /4 fields/,
    '0 * * * * *': /6 fields/,
    '60 * * * *': /"60" is no minute from 0 to 59/,
    '* 24 * * *': /no hour from 0 to 23/,
    '* * 0 * *': /no day of month/,
    '* * 31 13 *': /no month/,
    '* * * * 8': /no day of week/,
    '5/15 * * * *': /needs a range: 5-59\/15/,
    '*/0 * * * *': /step/,
    '*/90 * * * *': /step/,
    '9-5 * * * *': /backwards/,
    '0 0 L * *': /"L"/,
    '0 0 ? * *': /\?/,
    '0 0 15W * *': /15W/,
    '0 0 * * 5#3': /5#3/,
    '@reboot': /@reboot/,
    '@every 5m': /@every/,
    ', * * * *': /is no minute/,
    '-1 * * * *': /is no minute/,
    '* * * mon *': /no month/,
    '1,,2 * * * *': /is no minute/,
    constructor: /has 1 fields instead of 5/,
    toString: /has 1 fields instead of 5/,
  };
  for (const [line, reason] of Object.entries(table)) {
    assert.throws(
      () => parseCron(line),
      (error) => CodedError.is(error, 'invalid-argument') && reason.test(error.message) && error.hint !== undefined,
      line,
    );
  }
});

test('F46 any text is a rule with sets in range, or refused', () => {
  const unit = fc.constantFrom(...'0123456789*/-,  LWmonsujafe@?#');
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 20 }), fc.string()), (line) => {
      try {
        const rule = parseCron(line);
        for (const each of [rule.minutes, rule.hours, rule.daysOfMonth, rule.months, rule.daysOfWeek])
          assert.ok(each.length > 0 && each.every((value, index) => index === 0 || value > (each[index - 1] ?? 0)));
      } catch (error) {
        assert.ok(CodedError.is(error, 'invalid-argument'), String(error));
      }
    }),
    { numRuns },
  );
});
