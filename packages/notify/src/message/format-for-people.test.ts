import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCount, formatDuration, formatSize, formatTime } from './format-for-people.ts';

test('sizes have the unit that leaves up to three digits', () => {
  const sizes: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [10 * 1024, '10.0 KiB'],
    [999 * 1024, '999 KiB'],
    [1023 * 1024, '1.00 MiB'],
    [5_583_457_485, '5.20 GiB'],
    [Number.MAX_SAFE_INTEGER, '8.00 PiB'],
  ];
  for (const [bytes, text] of sizes) assert.equal(formatSize(bytes), text);
});

test('durations have their two greatest units', () => {
  const durations: readonly (readonly [number, string])[] = [
    [-5, '0 s'],
    [0, '0.0 s'],
    [400, '0.4 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_600, '1 min'],
    [192_000, '3 min 12 s'],
    [3_600_000, '1 h'],
    [3_605_000, '1 h'],
    [90_000_000, '1 d 1 h'],
  ];
  for (const [ms, text] of durations) assert.equal(formatDuration(ms), text);
});

test('times are those of the zone, in summer and winter', () => {
  assert.equal(formatTime(Date.UTC(2026, 6, 1, 12, 0), 'Europe/Berlin'), 'Wed 1 Jul 2026, 14:00 (Europe/Berlin)');
  assert.equal(formatTime(Date.UTC(2026, 11, 31, 23, 30), 'Asia/Kathmandu'), 'Fri 1 Jan 2027, 05:15 (Asia/Kathmandu)');
  assert.equal(formatTime(Date.UTC(2026, 6, 1, 12, 0), ''), 'Wed 1 Jul 2026, 12:00 (UTC)');
  assert.equal(formatTime(Number.MAX_SAFE_INTEGER, 'UTC'), '9007199254740991 ms after 1970');
  for (const edge of [-8.64e15, 8.64e15]) assert.match(formatTime(edge, 'Pacific/Kiritimati'), /\(.+\)$/);
});

test('counts are grouped and in the right number', () => {
  assert.equal(formatCount(1, 'file', 'files'), '1 file');
  assert.equal(formatCount(1234567, 'file', 'files'), '1\u202f234\u202f567 files');
});
