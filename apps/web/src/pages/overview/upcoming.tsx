import type { Overview } from '@holdfast/contract';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { formatWeekdayTime } from '../../parts/format.ts';
import classes from './overview.module.css';

const most = 6;

/** What runs next. */
export function Upcoming({ items }: { readonly items: Overview['upcoming'] }) {
  const { t } = useTranslation();
  if (items.length === 0)
    return (
      <p className={classes['none']} style={{ padding: 0 }}>
        {t('overview.nothingUpcoming')}
      </p>
    );
  return (
    <ul className={classes['upcoming']}>
      {items.slice(0, most).map(({ backupId, name, atMs }) => (
        <li key={`${backupId} ${atMs}`}>
          <Link to="/backups/$backupId" params={{ backupId }}>
            {name}
          </Link>
          <span>{formatWeekdayTime(atMs)}</span>
        </li>
      ))}
    </ul>
  );
}
