import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';
import { checkInput, shown } from './check-input.ts';
import { parseCron } from './cron.ts';

const longestJitterSeconds = 86_400;

const jitterSeconds = number('the jitter in seconds', 0, longestJitterSeconds).optional();

/**
 * Five sets in any combination; one that is missing means every. A time fires if it is in all of them: a day must be in `daysOfWeek` **and**
 * in `daysOfMonth` (the first Monday is `daysOfWeek: [1], daysOfMonth: [1, …, 7]`), other than in cron. So `{hours: [2]}` fires each minute
 * from 02:00 to 02:59, and `{}` every minute.
 */
const setsSchema = z.strictObject({
  /** ISO: 1 is Monday, 7 is Sunday. */
  daysOfWeek: set('days of the week (1 is Monday, 7 is Sunday)', 1, 7),
  months: set('months', 1, 12),
  daysOfMonth: set('days of the month', 1, 31),
  hours: set('hours', 0, 23),
  minutes: set('minutes', 0, 59),
  jitterSeconds,
});

const cronSchema = z.strictObject({ cron: z.string().max(1000).superRefine(refineCron), jitterSeconds });

/** When a backup runs, on the clocks of a zone that is named elsewhere. */
export const scheduleSchema = z.union([setsSchema, cronSchema]);

export type Schedule = z.infer<typeof scheduleSchema>;

/** A schedule from JSON; `invalid-argument` that names the field for anything else. A schedule that never fires is right here. */
export function parseSchedule(value: unknown): Schedule {
  const isCron = typeof value === 'object' && value !== null && 'cron' in value;
  return checkInput<Schedule>(isCron ? cronSchema : setsSchema, value, {
    what: 'The schedule',
    hint: isCron
      ? 'Write {"cron": "30 2 * * *"}, with jitterSeconds and nothing else beside it.'
      : 'Write daysOfWeek, months, daysOfMonth, hours and minutes as lists of whole numbers and leave out what means every; or {"cron": "30 2 * * *"}.',
  });
}

function number(what: string, lowest: number, highest: number): z.ZodInt {
  const error = ({ input }: { readonly input?: unknown }): string =>
    `${what} must be a whole number from ${lowest} to ${highest}, not ${shown(input)}`;
  return z.int({ error }).min(lowest, { error }).max(highest, { error });
}

function set(what: string, lowest: number, highest: number): z.ZodOptional<z.ZodReadonly<z.ZodArray<z.ZodInt>>> {
  return z
    .array(number(`each of the ${what}`, lowest, highest), { error: `the ${what} must be a list` })
    .min(1, { error: `the list of ${what} is empty; leave it out for every` })
    .max(1000)
    .readonly()
    .optional();
}

function refineCron(line: string, context: { addIssue(message: string): void }): void {
  try {
    parseCron(line);
  } catch (error) {
    if (!CodedError.is(error, 'invalid-argument')) throw error;
    context.addIssue(error.message);
  }
}
