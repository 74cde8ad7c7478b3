import type { StorageServer } from '@holdfast/contract';
import { storagePlace } from '@holdfast/contract/storage-place';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Database, KeyRound, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Ago } from '../../parts/ago.tsx';
import { Callout } from '../../parts/callout.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { formatNumber } from '../../parts/format.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import { Named } from '../../parts/named.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { SpaceBar } from '../../parts/storage/space-bar.tsx';
import { StorageHealth } from '../../parts/storage/storage-health.tsx';

/** All storage servers. */
export function StorageServersPage() {
  const { t } = useTranslation();
  const { data, error } = useQuery(orpc.storageServers.list.queryOptions());
  const create = (
    <LinkButton to="/storage-servers/new" leftSection={<Plus size={16} aria-hidden="true" />}>
      {t('storage.new')}
    </LinkButton>
  );
  const keyless = data?.filter(({ recoveryKeyTakenMs }) => recoveryKeyTakenMs === null) ?? [];
  return (
    <Page title={t('shell.storageServers')} actions={create}>
      <ProblemAlert error={error} />
      {keyless.length === 0 ? null : (
        <Callout tone="warn" icon={KeyRound} title={t('overview.keys', { count: keyless.length })}>
          {t('storage.takeKeys', { names: keyless.map(({ name }) => name).join(', ') })}
        </Callout>
      )}
      {data === undefined && error === null ? <PageLoading /> : null}
      {data?.length === 0 ? (
        <Panel>
          <EmptyState icon={Database} title={t('storage.none')} text={t('storage.noneText')} action={create} />
        </Panel>
      ) : null}
      {data !== undefined && data.length > 0 ? (
        <Panel flush>
          <DataTable<StorageServer>
            label={t('shell.storageServers')}
            rows={data}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'name',
                header: t('storage.name'),
                cell: (server) => (
                  <Named
                    name={
                      <Link to="/storage-servers/$storageServerId" params={{ storageServerId: server.id }}>
                        {server.name}
                      </Link>
                    }
                  >
                    {server.status.error?.message ?? storagePlace(server.options)}
                  </Named>
                ),
              },
              { key: 'state', header: t('run.status'), cell: ({ status }) => <StorageHealth status={status} /> },
              {
                key: 'space',
                header: t('storage.space'),
                hide: 'phone',
                cell: ({ status }) => <SpaceBar usedBytes={status.usedBytes} freeBytes={status.freeBytes} />,
              },
              {
                key: 'snapshots',
                header: t('backups.snapshots'),
                align: 'end',
                hide: 'tablet',
                cell: ({ status }) => (status.snapshots === null ? '–' : formatNumber(status.snapshots)),
              },
              {
                key: 'checked',
                header: t('storage.lastWhole'),
                hide: 'tablet',
                cell: ({ status }) => <Ago ms={status.lastCheckedWholeMs} otherwise={t('backups.never')} />,
              },
            ]}
          />
        </Panel>
      ) : null}
    </Page>
  );
}
