import type { Backup } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Archive, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Ago } from '../../parts/ago.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { formatNumber } from '../../parts/format.ts';
import { HealthStatus } from '../../parts/health-status.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { Named } from '../../parts/named.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { RunStatus } from '../../parts/run-status.tsx';
import { useNames } from '../../parts/use-names.ts';
import { BackupMenu } from './backup-menu.tsx';

/** All backups. */
export function BackupsPage() {
  const { t } = useTranslation();
  const { storageName } = useNames();
  const { data, error } = useQuery(orpc.backups.list.queryOptions());
  const create = (
    <LinkButton to="/backups/new" leftSection={<Plus size={16} aria-hidden="true" />}>
      {t('backups.new')}
    </LinkButton>
  );
  return (
    <Page title={t('shell.backups')} actions={create}>
      <ProblemAlert error={error} />
      {data === undefined && error === null ? <PageLoading /> : null}
      {data?.length === 0 ? (
        <Panel>
          <EmptyState icon={Archive} title={t('backups.none')} text={t('backups.noneText')} action={create} />
        </Panel>
      ) : null}
      {data !== undefined && data.length > 0 ? (
        <Panel flush>
          <DataTable<Backup>
            label={t('shell.backups')}
            rows={data}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'name',
                header: t('backups.name'),
                cell: (backup) => (
                  <Named
                    name={
                      <Link to="/backups/$backupId" params={{ backupId: backup.id }}>
                        {backup.config.name}
                      </Link>
                    }
                  >
                    {backup.healthReason}
                  </Named>
                ),
              },
              { key: 'health', header: t('backups.health'), cell: ({ health }) => <HealthStatus health={health} /> },
              {
                key: 'last',
                header: t('backups.lastRun'),
                hide: 'phone',
                cell: ({ lastRun }) =>
                  lastRun === null ? (
                    t('backups.never')
                  ) : (
                    <Named name={<RunStatus state={lastRun.state} outcome={lastRun.outcome} />}>
                      <Ago ms={lastRun.endedMs ?? lastRun.startedMs ?? lastRun.dueMs} />
                    </Named>
                  ),
              },
              {
                key: 'next',
                header: t('backups.nextRun'),
                hide: 'tablet',
                cell: ({ nextRunMs, config }) => <Ago ms={nextRunMs} otherwise={config.schedule === null ? t('backups.byHand') : '–'} />,
              },
              {
                key: 'snapshots',
                header: t('backups.snapshots'),
                hide: 'tablet',
                align: 'end',
                cell: ({ snapshots }) => formatNumber(snapshots),
              },
              {
                key: 'where',
                header: t('backups.destinations'),
                hide: 'tablet',
                cell: ({ config }) => config.storageServerIds.map(storageName).join(', '),
              },
              {
                key: 'menu',
                quiet: true,
                header: t('backups.actions'),
                align: 'end',
                width: '56px',
                cell: (backup) => <BackupMenu backup={backup} />,
              },
            ]}
          />
        </Panel>
      ) : null}
    </Page>
  );
}
