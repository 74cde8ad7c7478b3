import { CodedError } from '@holdfast/kernel';

/** A calendar duration as restic writes it: `2y5m7d3h`. */
export interface CalendarDuration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

const names = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;

export function parseDuration(text: string): CalendarDuration {
  const duration = { years: 0, months: 0, days: 0, hours: 0 };
  const trimmed = text.trim();
  if (!/^(-?\d{1,9}[ymdh])+$/.test(trimmed)) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `${JSON.stringify(text)} is not a duration`,
      hint: 'Write numbers with y, m, d or h, like 1y6m or 14d12h.',
    });
  }
  for (const [, number, unit] of trimmed.matchAll(/(-?\d+)([ymdh])/g)) duration[names[unit as keyof typeof names]] = Number(number);
  return duration;
}

export function formatDuration({ years, months, days, hours }: CalendarDuration): string {
  const part = (count: number, unit: string): string => (count === 0 ? '' : `${count}${unit}`);
  return part(years, 'y') + part(months, 'm') + part(days, 'd') + part(hours, 'h');
}
