import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Ago } from '../../parts/ago.tsx';
import { Facts } from '../../parts/facts.tsx';
import { formatNumber } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { RunTable } from '../../parts/run/run-table.tsx';
import { RunningCard } from '../../parts/run/running-card.tsx';
import { useSourceWords } from '../../parts/source/use-source-words.ts';
import { useNames } from '../../parts/use-names.ts';
import { ScheduleWords } from './schedule-words.tsx';
import { useBackup } from './use-backup.ts';

const recentRuns = 6;

/** How a backup does. */
export function BackupOverviewTab() {
  const { t } = useTranslation();
  const backup = useBackup();
  const { storageName } = useNames();
  const sourceWords = useSourceWords();
  const { data: runs, error } = useQuery(orpc.runs.list.queryOptions({ input: { backupId: backup.id, limit: recentRuns } }));
  const { config, lastRun } = backup;
  const reads = sourceWords(config.source);
  return (
    <Stack gap="lg">
      {lastRun !== null && lastRun.state !== 'ended' ? (
        <Panel title={t('overview.running')} flush>
          <RunningCard run={lastRun} follow />
        </Panel>
      ) : null}
      <Panel>
        <Facts
          items={[
            { label: t('backups.lastSuccess'), value: <Ago ms={backup.lastSuccessMs} otherwise={t('backups.never')} /> },
            {
              label: t('backups.nextRun'),
              value: backup.paused ? t('health.paused') : <Ago ms={backup.nextRunMs} otherwise={t('backups.byHand')} />,
              note: config.schedule === null ? null : <ScheduleWords schedule={config.schedule} timeZone={config.timeZone} />,
            },
            { label: t('backups.snapshots'), value: formatNumber(backup.snapshots) },
            { label: t('backups.destinations'), wide: true, value: config.storageServerIds.map(storageName).join(', ') },
            {
              label: t('backups.reads'),
              wide: true,
              value: reads.slice(0, 3).join(', '),
              note: more(reads.length - 3),
            },
          ]}
        />
      </Panel>
      <Panel
        title={t('overview.recent')}
        flush
        actions={
          <Link to="/backups/$backupId/reports" params={{ backupId: backup.id }}>
            {t('overview.allReports')}
          </Link>
        }
      >
        <ProblemAlert error={error} />
        {runs === undefined ? null : runs.items.length === 0 ? (
          <p style={{ margin: 0, padding: '8px 20px 16px' }}>{t('backups.neverRan')}</p>
        ) : (
          <RunTable runs={runs.items} />
        )}
      </Panel>
    </Stack>
  );
  function more(count: number): string | null {
    return count > 0 ? t('backups.morePaths', { count }) : null;
  }
}
