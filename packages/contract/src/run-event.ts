import { z } from 'zod';

/** How far a run is. Totals are null until they are known. */
export const RunProgress = z.strictObject({
  type: z.literal('progress'),
  /** What it is doing, in a few words: "Reading files". */
  step: z.string(),
  filesDone: z.int().nonnegative(),
  filesTotal: z.int().nonnegative().nullable(),
  bytesDone: z.int().nonnegative(),
  bytesTotal: z.int().nonnegative().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
  /** Items that failed so far. */
  problems: z.int().nonnegative(),
});
export type RunProgress = z.infer<typeof RunProgress>;

export const LogLevel = z.enum(['info', 'warning', 'error']);
export type LogLevel = z.infer<typeof LogLevel>;

/** A sentence for the run's log. */
export const RunLogLine = z.strictObject({ type: z.literal('log'), level: LogLevel, text: z.string() });
export type RunLogLine = z.infer<typeof RunLogLine>;

/** What a run tells while it works. */
export const RunEvent = z.discriminatedUnion('type', [RunProgress, RunLogLine]);
export type RunEvent = z.infer<typeof RunEvent>;
