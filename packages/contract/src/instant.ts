import { z } from 'zod';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const EpochMs = z.int();
export type EpochMs = z.infer<typeof EpochMs>;

/** A zone of the IANA database, such as Europe/Berlin. */
export const TimeZone = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, { error: 'This machine knows no such time zone; write one as Europe/Berlin or UTC.' });
export type TimeZone = z.infer<typeof TimeZone>;

/** Asking the formatter takes a fifth of a millisecond, which lists of a thousand backups feel. */
const commonZones: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

function isTimeZone(name: string): boolean {
  if (commonZones.has(name)) return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
