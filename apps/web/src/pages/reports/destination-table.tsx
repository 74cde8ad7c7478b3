import type { DestinationReport } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../parts/data-table.tsx';
import { formatBytes } from '../../parts/format.ts';
import { Named } from '../../parts/named.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import classes from './reports.module.css';

/** What became of a run on each storage server, with the evidence. */
export function DestinationTable({ destinations }: { readonly destinations: readonly DestinationReport[] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('backups.destinations')} flush>
      <DataTable<DestinationReport>
        label={t('backups.destinations')}
        rows={destinations}
        rowKey={({ storageServerId }) => storageServerId}
        columns={[
          {
            key: 'name',
            header: t('storage.server'),
            cell: ({ name, error }) => <Named name={name}>{error === null ? null : `${error.message} ${error.hint ?? ''}`}</Named>,
          },
          {
            key: 'state',
            header: t('run.status'),
            cell: ({ error, reopened, treeMatches }) => {
              if (error !== null) return <Status tone="bad">{t('run.outcome.failed')}</Status>;
              return reopened && treeMatches ? (
                <Status tone="good">{t('run.readBack')}</Status>
              ) : (
                <Status tone="warn">{t('run.notReadBack')}</Status>
              );
            },
          },
          { key: 'added', header: t('run.added'), align: 'end', hide: 'phone', cell: ({ addedBytes }) => formatBytes(addedBytes) },
          { key: 'stored', header: t('run.stored'), align: 'end', hide: 'phone', cell: ({ storedBytes }) => formatBytes(storedBytes) },
          {
            key: 'snapshot',
            header: t('retention.snapshot'),
            hide: 'tablet',
            cell: ({ snapshotId }) => (
              <span className={classes['mono']} style={{ whiteSpace: 'nowrap' }}>
                {snapshotId?.slice(0, 8) ?? '–'}
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}
