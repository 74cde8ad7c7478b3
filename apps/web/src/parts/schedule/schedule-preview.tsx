import type { Schedule } from '@holdfast/contract';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError, problemOf } from '../../api/problem.ts';
import { formatWeekdayTime } from '../format.ts';
import classes from './schedule.module.css';

/** What a schedule means: in words, and the next five times. */
export function SchedulePreview({ schedule, timeZone }: { readonly schedule: Schedule; readonly timeZone: string }) {
  const { t } = useTranslation();
  const [input] = useDebouncedValue({ schedule, timeZone, count: 5 }, 250);
  const { data, error } = useQuery(
    orpc.backups.previewSchedule.queryOptions({ input, placeholderData: keepPreviousData, retry: false, staleTime: 30_000 }),
  );
  return (
    <div className={classes['preview']} role="status" aria-label={t('schedule.preview')}>
      {error !== null ? (
        <p className={classes['wrong']}>{fieldError(error, 'schedule') ?? problemOf(error).message}</p>
      ) : data === undefined ? (
        <p className={classes['note']}>{t('shell.loading')}</p>
      ) : (
        <>
          <p className={classes['words']}>{data.description}</p>
          <p className={classes['next']}>{data.fires.length === 0 ? t('schedule.never') : t('schedule.next')}</p>
          <ol className={classes['fires']}>
            {data.fires.map((ms) => (
              <li key={ms}>{formatWeekdayTime(ms, timeZone)}</li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
