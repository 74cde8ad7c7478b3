import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { requireZone, requireZoneData, systemZones, type ZoneOffsets } from './time-zone.ts';

const refused =
  (message: RegExp) =>
  (error: unknown): boolean =>
    CodedError.is(error, 'invalid-argument') && message.test(error.message) && error.hint !== undefined;

test('F54 this system has time zone data', () => requireZoneData());

test('a zone is a name of the IANA data base, in any case, and no offset', () => {
  assert.equal(requireZone('europe/berlin'), 'Europe/Berlin');
  assert.equal(requireZone('utc'), 'UTC');
  assert.equal(requireZone('America/Argentina/Buenos_Aires'), 'America/Argentina/Buenos_Aires');
  for (const wrong of ['', 'Mars/Olympus', '+02:00', '2026-01-01T00:00[Europe/Berlin]', 'Europe/Berlin ', 'Europe/'])
    assert.throws(() => requireZone(wrong), refused(/no time zone that this system knows/), wrong);
});

test('F54 zone data that are missing or wrong are told apart from a wrong name, and nothing is guessed', () => {
  const none: ZoneOffsets = (zone, epochMs) => {
    if (zone === 'UTC') return 0;
    throw new RangeError(`no ${zone} at ${epochMs}`);
  };
  const withoutSummer: ZoneOffsets = (zone) => (zone === 'Europe/Berlin' ? 60 : 345);
  const allUtc: ZoneOffsets = () => 0;
  for (const zones of [none, withoutSummer, allUtc])
    assert.throws(() => requireZoneData(zones), refused(/no time zone data, or wrong ones/));
  assert.throws(() => requireZone('Europe/Berlin', none), refused(/no time zone data/));
  assert.throws(() => requireZone('Mars/Olympus', systemZones), refused(/"Mars\/Olympus"/));
  const broken: ZoneOffsets = () => {
    throw new TypeError('a defect');
  };
  assert.throws(() => requireZone('Europe/Berlin', broken), TypeError);
});
