import { usageError } from './run-context.ts';

/** Epoch milliseconds, rounded down, of an instant in an option. `invalid-argument` for a time without its offset and for anything else. */
export function parseInstant(text: string, option: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError(`${option} is no instant: ${JSON.stringify(text)}`, 'Write it with its offset, like 2026-11-25T12:00:00Z.');
  }
}

/** An instant on the clocks of a zone, for people: `2026-11-25 02:30:00 +01:00`. */
export function localText(instant: Temporal.Instant, zone: string): string {
  const local = instant.toZonedDateTimeISO(zone);
  return `${local.toPlainDate().toString()} ${local.toPlainTime().toString({ smallestUnit: 'second' })} ${local.offset}`;
}
