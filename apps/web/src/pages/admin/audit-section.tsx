import type { AuditEntry } from '@holdfast/contract';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { formatDateTime } from '../../parts/format.ts';
import { Named } from '../../parts/named.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import classes from './admin.module.css';

const pageSize = 100;

/** Who did what. */
export function AuditSection() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(
    orpc.overview.audit.infiniteOptions({
      input: (after: string | undefined) => ({ limit: pageSize, ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  );
  if (query.isPending) return <PageLoading />;
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <ProblemAlert error={query.error} />
      <Panel title={t('admin.audit')} description={t('admin.auditText')} flush>
        {entries.length === 0 ? (
          <p className={classes['note']}>{t('admin.noAudit')}</p>
        ) : (
          <DataTable<AuditEntry>
            label={t('admin.audit')}
            rows={entries}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'what',
                header: t('admin.deed'),
                cell: (entry) => <Named name={`${entry.verb} ${entry.object}`}>{entry.details}</Named>,
              },
              { key: 'who', header: t('admin.actor'), cell: ({ actor }) => actor },
              { key: 'when', header: t('run.when'), line: true, cell: ({ atMs }) => formatDateTime(atMs) },
            ]}
          />
        )}
      </Panel>
      {query.hasNextPage ? (
        <div style={{ textAlign: 'center' }}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('reports.more')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
