import type { Schedule as ScheduleInput } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { wrongField } from '../refusals.ts';
import { describeSchedule } from '../schedule/describe-schedule.ts';
import { fireTimes } from '../schedule/fire-times.ts';
import { parseSchedule, type Schedule } from '../schedule/schedule.ts';

export interface PreviewScheduleInput {
  readonly schedule: ScheduleInput;
  readonly timeZone: string;
  readonly count: number;
}

/** A schedule in words, and when it fires next, without jitter; fewer than `count` if it never fires again. `invalid-argument`. */
export async function previewSchedule(
  { clock }: ControlContext,
  _caller: Caller,
  { schedule: given, timeZone, count }: PreviewScheduleInput,
): Promise<{ description: string; fires: number[] }> {
  const schedule = parsed(given);
  const fires: number[] = [];
  for (const fire of fireTimes(schedule, nowMs(clock), timeZone)) {
    fires.push(fire.epochMilliseconds);
    if (fires.length === count) break;
  }
  return { description: describeSchedule(schedule), fires };
}

function parsed(given: ScheduleInput): Schedule {
  try {
    return parseSchedule(given);
  } catch (error) {
    if (!CodedError.is(error, 'invalid-argument')) throw error;
    throw wrongField('schedule', error.message, error.hint ?? '');
  }
}
