import { z } from 'zod';
import { RunEvent } from './run-event.ts';
import { RunPlan } from './run-plan.ts';
import { RunReport } from './run-report.ts';

/** To the process of a run: what to do, once, and perhaps that it shall stop. */
export const ToRunner = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('plan'), plan: RunPlan }),
  z.strictObject({
    type: z.literal('cancel'),
    reason: z.string(),
    /** With which code the run then ends. */
    code: z.enum(['cancelled', 'time-limit']).default('cancelled'),
  }),
]);
export type ToRunner = z.infer<typeof ToRunner>;

/** From the process of a run: what happens, and at the end the report. */
export const FromRunner = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('event'), event: RunEvent }),
  z.strictObject({ type: z.literal('report'), report: RunReport }),
]);
export type FromRunner = z.infer<typeof FromRunner>;
