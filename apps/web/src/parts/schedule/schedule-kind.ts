import type { Schedule } from '@holdfast/contract';

type Sets = Exclude<Schedule, { cron: string }>;

/** The ways in which the page lets people say when. */
export type ScheduleKind = 'manual' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'sets' | 'cron';
export const scheduleKinds: readonly ScheduleKind[] = ['manual', 'hourly', 'daily', 'weekly', 'monthly', 'sets', 'cron'];

/** 03:30: in no zone of today do clocks skip it. */
const usual = { hour: 3, minute: 30 };

/** The simplest way that can say this schedule. */
export function kindOf(schedule: Schedule | null): ScheduleKind {
  if (schedule === null) return 'manual';
  if ('cron' in schedule) return 'cron';
  const { daysOfWeek, months, daysOfMonth, hours, minutes } = schedule;
  if (months !== undefined || minutes?.length !== 1) return 'sets';
  if (hours === undefined) return daysOfWeek === undefined && daysOfMonth === undefined ? 'hourly' : 'sets';
  if (hours.length !== 1) return 'sets';
  if (daysOfWeek !== undefined) return daysOfMonth === undefined ? 'weekly' : 'sets';
  if (daysOfMonth !== undefined) return daysOfMonth.length === 1 ? 'monthly' : 'sets';
  return 'daily';
}

/** Says the schedule in another way, with as much of it as that way can say. */
export function asKind(kind: ScheduleKind, from: Schedule | null): Schedule | null {
  if (kind === 'manual') return null;
  const jitter = from?.jitterSeconds === undefined ? {} : { jitterSeconds: from.jitterSeconds };
  const sets: Sets = from === null || 'cron' in from ? {} : from;
  const minutes = [sets.minutes?.[0] ?? usual.minute];
  const hours = [sets.hours?.[0] ?? usual.hour];
  switch (kind) {
    case 'hourly':
      return { minutes, ...jitter };
    case 'daily':
      return { hours, minutes, ...jitter };
    case 'weekly':
      return { daysOfWeek: sets.daysOfWeek ?? [7], hours, minutes, ...jitter };
    case 'monthly':
      return { daysOfMonth: [sets.daysOfMonth?.[0] ?? 1], hours, minutes, ...jitter };
    case 'sets':
      return from !== null && !('cron' in from) ? from : { hours, minutes, ...jitter };
    case 'cron':
      return { cron: from !== null && 'cron' in from ? from.cron : cronOf(sets, hours, minutes), ...jitter };
  }
}

function cronOf(sets: Sets, hours: readonly number[], minutes: readonly number[]): string {
  const part = (values: readonly number[] | undefined): string => (values === undefined ? '*' : values.join(','));
  return [part(sets.minutes ?? minutes), part(sets.hours ?? hours), part(sets.daysOfMonth), part(sets.months), part(sets.daysOfWeek)].join(
    ' ',
  );
}
