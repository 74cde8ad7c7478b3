import type { Overview } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import classes from './days-strip.module.css';

type Day = Overview['days'][number];

/** Thirty days at a glance: a bar for each, coloured by the worst that happened. */
export function DaysStrip({ days }: { readonly days: readonly Day[] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...days.map(total));
  const dayName = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const nameOf = (day: Day): string => dayName.format(new Date(`${day.day}T00:00:00Z`));
  const first = days[0];
  const last = days.at(-1);
  return (
    <figure className={classes['strip']}>
      <ol className={classes['bars']} aria-label={t('overview.lastDays')}>
        {days.map((day) => {
          const words = t('overview.dayWords', { ...day, day: nameOf(day) });
          return (
            <li key={day.day} className={classes['day']} title={words}>
              <span className={classes['bar']} data-tone={toneOf(day)} style={{ height: `${heightOf(day, most)}%` }} />
              <span className={classes['words']}>{words}</span>
            </li>
          );
        })}
      </ol>
      {first === undefined || last === undefined ? null : (
        <figcaption className={classes['ends']}>
          <span>{nameOf(first)}</span>
          <span>{nameOf(last)}</span>
        </figcaption>
      )}
    </figure>
  );
}

function total(day: Day): number {
  return day.succeeded + day.partial + day.failed + day.missed;
}

function heightOf(day: Day, most: number): number {
  return total(day) === 0 ? 6 : 30 + (70 * total(day)) / most;
}

function toneOf(day: Day): string {
  if (day.failed > 0) return 'bad';
  if (day.partial + day.missed > 0) return 'warn';
  return day.succeeded > 0 ? 'good' : 'idle';
}
