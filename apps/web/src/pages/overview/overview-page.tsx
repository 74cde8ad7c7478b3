import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { DaysStrip } from '../../parts/days-strip.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { RunTable } from '../../parts/run/run-table.tsx';
import { RunningCard } from '../../parts/run/running-card.tsx';
import { HealthSummary } from './health-summary.tsx';
import classes from './overview.module.css';
import { Upcoming } from './upcoming.tsx';
import { Warnings } from './warnings.tsx';

/** A browser gives one server six connections; the rest is shown from the overview itself. */
const mostStreams = 2;
const busyPollMs = 2_500;

/** The state of everything. */
export function OverviewPage() {
  const { t } = useTranslation();
  const { data, error } = useQuery(
    orpc.overview.get.queryOptions({
      refetchInterval: ({ state }) => ((state.data?.running.length ?? 0) > mostStreams ? busyPollMs : 60_000),
    }),
  );
  if (error !== null)
    return (
      <Page title={t('shell.overview')}>
        <ProblemAlert error={error} />
      </Page>
    );
  if (data === undefined) return <PageLoading />;
  return (
    <Page title={t('shell.overview')}>
      <Warnings overview={data} />
      <HealthSummary overview={data} />
      {data.running.length === 0 ? null : (
        <Panel title={t('overview.running')} flush>
          {data.running.map((run, index) => (
            <RunningCard key={run.id} run={run} follow={index < mostStreams} />
          ))}
        </Panel>
      )}
      <div className={classes['columns']}>
        <Panel title={t('overview.days')}>
          <DaysStrip days={data.days} />
        </Panel>
        <Panel title={t('overview.upcoming')}>
          <Upcoming items={data.upcoming} />
        </Panel>
      </div>
      <Panel title={t('overview.recent')} flush actions={<Link to="/reports">{t('overview.allReports')}</Link>}>
        {data.recent.length === 0 ? <p className={classes['none']}>{t('overview.noReports')}</p> : <RunTable runs={data.recent} brief />}
      </Panel>
    </Page>
  );
}
