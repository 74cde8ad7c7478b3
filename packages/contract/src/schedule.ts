import { z } from 'zod';

const set = (lowest: number, highest: number) =>
  z
    .array(z.int().min(lowest).max(highest))
    .min(1)
    .max(highest - lowest + 1)
    .optional();

const jitterSeconds = z.int().min(0).max(86_400).optional();

/** When a backup runs, by the clocks of its zone: five sets, of which a missing one means every, or a line of cron. */
export const Schedule = z.union([
  z.strictObject({
    /** 1 is Monday, 7 is Sunday. */
    daysOfWeek: set(1, 7),
    months: set(1, 12),
    daysOfMonth: set(1, 31),
    hours: set(0, 23),
    minutes: set(0, 59),
    jitterSeconds,
  }),
  z.strictObject({ cron: z.string().min(1).max(1000), jitterSeconds }),
]);
export type Schedule = z.infer<typeof Schedule>;
