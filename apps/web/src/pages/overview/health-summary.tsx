import type { Health, Overview } from '@holdfast/contract';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatNumber } from '../../parts/format.ts';
import { healthTones } from '../../parts/health-status.tsx';
import { Status } from '../../parts/status.tsx';
import classes from './overview.module.css';

const order: readonly Health[] = ['failing', 'overdue', 'warning', 'unproven', 'new', 'paused', 'healthy'];

/** Three figures: backups by health, storage servers, bytes. */
export function HealthSummary({ overview }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  const counts = order.map((health) => ({ health, count: overview.backups[health] ?? 0 })).filter(({ count }) => count > 0);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className={classes['summary']}>
      <Link to="/backups" className={classes['tile']}>
        <span className={classes['tileLabel']}>{t('shell.backups')}</span>
        <span className={classes['tileValue']}>{formatNumber(total)}</span>
        <span className={classes['tileNote']}>
          {counts.map(({ health, count }) => (
            <Status key={health} tone={healthTones[health]}>
              {formatNumber(count)} {t(`health.${health}`).toLocaleLowerCase()}
            </Status>
          ))}
        </span>
      </Link>
      <Link to="/storage-servers" className={classes['tile']}>
        <span className={classes['tileLabel']}>{t('shell.storageServers')}</span>
        <span className={classes['tileValue']}>{formatNumber(overview.storageServers)}</span>
        <span className={classes['tileNote']}>
          {overview.storageServers === 0 ? null : overview.storageServersUnreachable === 0 ? (
            <Status tone="good">{t('overview.allReachable')}</Status>
          ) : (
            <Status tone="bad">{t('overview.unreachable', { count: overview.storageServersUnreachable })}</Status>
          )}
        </span>
      </Link>
      <div className={classes['tile']}>
        <span className={classes['tileLabel']}>{t('overview.stored')}</span>
        <span className={classes['tileValue']}>{formatBytes(overview.storedBytes)}</span>
        <span className={classes['tileNote']}>{t('overview.storedNote')}</span>
      </div>
    </div>
  );
}
