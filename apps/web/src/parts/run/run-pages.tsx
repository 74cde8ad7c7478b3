import type { RunKind, RunOutcome, RunState } from '@holdfast/contract';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { FileClock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { EmptyState } from '../empty-state.tsx';
import { PageLoading } from '../page-loading.tsx';
import { Panel } from '../panel.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { RunTable } from './run-table.tsx';

export interface RunFilter {
  readonly backupId?: string;
  readonly storageServerId?: string;
  readonly kind?: RunKind;
  readonly outcome?: RunOutcome;
  readonly state?: RunState;
}

const pageSize = 50;

/** A list of runs that grows on demand. */
export function RunPages({ filter }: { readonly filter: RunFilter }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(
    orpc.runs.list.infiniteOptions({
      input: (after: string | undefined) => ({ ...filter, limit: pageSize, ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  );
  if (query.isPending) return <PageLoading />;
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <ProblemAlert error={query.error} />
      <Panel flush>
        {runs.length === 0 ? (
          <EmptyState
            icon={FileClock}
            title={t('reports.none')}
            text={Object.keys(filter).length === 0 ? t('reports.noneText') : t('reports.noneMatch')}
          />
        ) : (
          <RunTable runs={runs} />
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
