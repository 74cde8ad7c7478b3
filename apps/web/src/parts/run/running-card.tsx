import type { RunSummary } from '@holdfast/contract';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useRunEvents } from '../../api/use-run-events.ts';
import { Ago } from '../ago.tsx';
import classes from './run.module.css';
import { RunProgressBar } from './run-progress-bar.tsx';

/** A run that works now. `follow` opens a stream for it. */
export function RunningCard({ run, follow }: { readonly run: RunSummary; readonly follow: boolean }) {
  const { t } = useTranslation();
  const live = useRunEvents(run.id, follow && run.state === 'running');
  return (
    <article className={classes['running']}>
      <div className={classes['runningHead']}>
        <Link to="/reports/$runId" params={{ runId: run.id }} className={classes['runningName']}>
          {run.title}
        </Link>
        <span className={classes['runningKind']}>
          {t(`run.kind.${run.kind}`)}
          {run.startedMs === null ? null : (
            <>
              {' · '}
              <Ago ms={run.startedMs} />
            </>
          )}
        </span>
      </div>
      <RunProgressBar progress={live.progress ?? run.progress} name={run.title} />
    </article>
  );
}
