import type { RunProgress } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatDuration, formatNumber, formatPercent } from '../format.ts';
import { fractionOf } from './fraction-of.ts';
import classes from './run.module.css';

/** How far a run is: a bar, and in words what, how fast and how long still. */
export function RunProgressBar({ progress, name }: { readonly progress: RunProgress | null; readonly name: string }) {
  const { t } = useTranslation();
  const fraction = progress === null ? null : fractionOf(progress);
  return (
    <div className={classes['progress']}>
      <div className={classes['progressHead']}>
        <span>{progress?.step ?? t('run.starting')}</span>
        <span className={classes['percent']}>{fraction === null ? '' : formatPercent(fraction)}</span>
      </div>
      <div
        className={classes['track']}
        role="progressbar"
        aria-label={name}
        {...(fraction === null ? {} : { 'aria-valuenow': Math.floor(fraction * 100), 'aria-valuemin': 0, 'aria-valuemax': 100 })}
      >
        <div
          className={classes['fill']}
          data-unknown={fraction === null || undefined}
          style={fraction === null ? undefined : { width: `${fraction * 100}%` }}
        />
      </div>
      {progress === null ? null : (
        <div className={classes['progressFacts']}>
          <span>
            {progress.bytesTotal === null
              ? formatBytes(progress.bytesDone)
              : t('run.of', { done: formatBytes(progress.bytesDone), total: formatBytes(progress.bytesTotal) })}
          </span>
          <span>
            {progress.filesTotal === null
              ? t('run.files', { count: progress.filesDone, files: formatNumber(progress.filesDone) })
              : t('run.filesOf', { done: formatNumber(progress.filesDone), total: formatNumber(progress.filesTotal) })}
          </span>
          {progress.bytesPerSecond === null ? null : <span>{t('run.rate', { rate: formatBytes(progress.bytesPerSecond) })}</span>}
          {progress.secondsLeft === null ? null : <span>{t('run.left', { time: formatDuration(progress.secondsLeft * 1000) })}</span>}
          {progress.problems === 0 ? null : (
            <span className={classes['problems']}>
              {t('run.problems', { count: progress.problems, problems: formatNumber(progress.problems) })}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
