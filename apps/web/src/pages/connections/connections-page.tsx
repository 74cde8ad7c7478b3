import type { Connection } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Waypoints } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { connectionAddress } from '../../parts/connection/connection-address.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { Named } from '../../parts/named.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Status } from '../../parts/status.tsx';
import { useNames } from '../../parts/use-names.ts';

/** All connections. */
export function ConnectionsPage() {
  const { t } = useTranslation();
  const { backupName } = useNames();
  const { data, error } = useQuery(orpc.connections.list.queryOptions());
  const create = (
    <LinkButton to="/connections/new" leftSection={<Plus size={16} aria-hidden="true" />}>
      {t('connections.new')}
    </LinkButton>
  );
  return (
    <Page title={t('shell.connections')} actions={create}>
      <ProblemAlert error={error} />
      {data === undefined && error === null ? <PageLoading /> : null}
      {data?.length === 0 ? (
        <Panel>
          <EmptyState icon={Waypoints} title={t('connections.none')} text={t('connections.noneText')} action={create} />
        </Panel>
      ) : null}
      {data !== undefined && data.length > 0 ? (
        <Panel flush>
          <DataTable<Connection>
            label={t('shell.connections')}
            rows={data}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'name',
                header: t('connections.name'),
                cell: ({ id, name, options }) => (
                  <Named
                    name={
                      <Link to="/connections/$connectionId" params={{ connectionId: id }}>
                        {name}
                      </Link>
                    }
                  >
                    {connectionAddress(options)}
                  </Named>
                ),
              },
              { key: 'kind', header: t('connections.kind'), line: true, cell: ({ options }) => t(`connections.kinds.${options.kind}`) },
              {
                key: 'key',
                header: t('connections.hostKey'),
                hide: 'phone',
                line: true,
                cell: ({ options }) =>
                  options.kind === 'docker' ? (
                    '–'
                  ) : options.hostKeys.length === 0 ? (
                    <Status tone="warn">{t('connections.keyMissing')}</Status>
                  ) : (
                    <Status tone="good">{t('connections.keyPinned')}</Status>
                  ),
              },
              {
                key: 'used',
                header: t('connections.usedBy'),
                hide: 'phone',
                cell: ({ backupIds }) => (backupIds.length === 0 ? '–' : backupIds.map(backupName).join(', ')),
              },
            ]}
          />
        </Panel>
      ) : null}
    </Page>
  );
}
