import type { RunDetails } from '@holdfast/contract';
import { CircleCheck, CircleX, Info, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../../parts/callout.tsx';
import classes from './reports.module.css';

/** How a run ended and why, and what to do about it. */
export function RunOutcomeNote({ run }: { readonly run: RunDetails }) {
  const { t } = useTranslation();
  if (run.outcome === null) return null;
  const [tone, icon] =
    run.outcome === 'succeeded'
      ? (['good', CircleCheck] as const)
      : run.outcome === 'partial' || run.outcome === 'missed'
        ? (['warn', TriangleAlert] as const)
        : run.outcome === 'cancelled'
          ? (['idle', Info] as const)
          : (['bad', CircleX] as const);
  const isProvenBackup =
    run.outcome === 'succeeded' && run.report?.kind === 'backup' && run.report.destinations.every(({ reopened }) => reopened);
  const reasons = run.reasons.filter((reason) => reason !== run.error?.message);
  return (
    <Callout tone={tone} icon={icon} title={run.error?.message ?? (isProvenBackup ? t('run.storedSafely') : t(`run.ended.${run.outcome}`))}>
      {run.error?.hint === null || run.error === null ? null : <div>{run.error.hint}</div>}
      {reasons.length === 0 ? null : (
        <ul className={classes['reasons']}>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {run.missedCount > 0 ? <div>{t('run.missed', { count: run.missedCount })}</div> : null}
      {run.error === null ? null : <small>{run.error.code}</small>}
    </Callout>
  );
}
