import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { formatDateTime } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';

/** How a backup was defined over time, newest first. */
export function Versions({ backupId }: { readonly backupId: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(orpc.backups.versions.queryOptions({ input: { id: backupId } }));
  return (
    <Panel title={t('config.versions')} description={t('config.versionsText')} flush>
      <ProblemAlert error={error} />
      <DataTable
        label={t('config.versions')}
        rows={data?.toSorted((one, other) => other.version - one.version) ?? []}
        rowKey={({ version }) => String(version)}
        columns={[
          { key: 'version', header: t('config.version'), width: '90px', cell: ({ version }) => version },
          { key: 'when', header: t('run.when'), line: true, cell: ({ changedMs }) => formatDateTime(changedMs) },
          { key: 'who', header: t('config.changedBy'), cell: ({ changedBy }) => changedBy },
          { key: 'name', header: t('config.name'), hide: 'phone', cell: ({ config }) => config.name },
        ]}
      />
    </Panel>
  );
}
