import { Stack } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { FolderArchive } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../../api/client.ts';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { PageLoading } from '../../../parts/page-loading.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { ProblemAlert } from '../../../parts/problem-alert.tsx';
import { useBackup } from '../use-backup.ts';
import { SnapshotBrowser } from './snapshot-browser.tsx';
import { SnapshotChoice } from './snapshot-choice.tsx';

const route = getRouteApi('/inside/backups/$backupId/files');
const pageSize = 200;

/** What a backup has stored: a snapshot, its directories, its files. */
export function FilesTab() {
  const { t } = useTranslation();
  const backup = useBackup();
  const { snapshot: askedId, path = '/' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(
    orpc.snapshots.list.infiniteOptions({
      input: (after: string | undefined) => ({ backupId: backup.id, limit: pageSize, ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  );
  if (query.error !== null) return <ProblemAlert error={query.error} />;
  if (query.data === undefined) return <PageLoading />;
  const snapshots = query.data.pages.flatMap((page) => page.items);
  const chosen = snapshots.find(({ id }) => id === askedId) ?? snapshots[0];
  if (chosen === undefined)
    return (
      <Panel>
        <EmptyState icon={FolderArchive} title={t('files.none')} text={t('files.noneText')} />
      </Panel>
    );
  return (
    <Stack gap="lg">
      <SnapshotChoice
        snapshots={snapshots}
        chosen={chosen}
        timeZone={backup.config.timeZone}
        onChoose={(id) => void navigate({ search: { snapshot: id, path } })}
        {...(query.hasNextPage ? { onMore: () => void query.fetchNextPage() } : {})}
      />
      <SnapshotBrowser
        key={`${chosen.id} ${path}`}
        backup={backup}
        snapshot={chosen}
        path={path}
        onPath={(next) => void navigate({ search: { snapshot: chosen.id, path: next } })}
      />
    </Stack>
  );
}
