import { CodedError } from '@holdfast/kernel';

/** The offset of a zone from UTC in minutes at a time in epoch milliseconds; throws a RangeError for a zone that it does not know. */
export type ZoneOffsets = (zone: string, epochMs: number) => number;

export const systemZones: ZoneOffsets = (zone, epochMs) =>
  Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone).offsetNanoseconds / 60_000_000_000;

/** A name and no offset: `+02:00` has no summer time, and whoever writes it means a place that has. */
const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/**
 * The zone's name in its proper case. `invalid-argument` for what is no name of the IANA data base, and another one, with another hint,
 * where this system has no zone data at all: the name is right then and the machine is not.
 */
export function requireZone(zone: string, zones: ZoneOffsets = systemZones): string {
  if (zoneName.test(zone) && knows(zones, zone)) {
    return zones === systemZones ? Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId : zone;
  }
  requireZoneData(zones);
  throw new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(zone)} is no time zone that this system knows`,
    hint: 'Write the name of a zone of the IANA data base, like Europe/Berlin or UTC.',
  });
}

/** Proves that the zone data are there and know of summer time: for the start of a program. `invalid-argument` if not. */
export function requireZoneData(zones: ZoneOffsets = systemZones): void {
  const expected = [
    ['Europe/Berlin', Date.UTC(2026, 0, 15), 60],
    ['Europe/Berlin', Date.UTC(2026, 6, 15), 120],
    ['Asia/Kathmandu', Date.UTC(2026, 0, 15), 345],
    ['Australia/Lord_Howe', Date.UTC(2026, 0, 15), 660],
    ['Australia/Lord_Howe', Date.UTC(2026, 6, 15), 630],
  ] as const;
  for (const [zone, epochMs, offsetMinutes] of expected) {
    if (knows(zones, zone) && zones(zone, epochMs) === offsetMinutes) continue;
    throw new CodedError({
      code: 'invalid-argument',
      message: `This system has no time zone data, or wrong ones: it does not know the time in ${zone}`,
      hint: 'Run Holdfast in the Node that npm installs with it, and unset NODE_ICU_DATA; no schedule runs at a guessed time.',
      context: { zone },
    });
  }
}

function knows(zones: ZoneOffsets, zone: string): boolean {
  try {
    return Number.isFinite(zones(zone, 0));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
