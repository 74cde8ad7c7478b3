import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { HealthStatus } from '../../parts/health-status.tsx';
import { LinkTabs } from '../../parts/link-tabs.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { BackupMenu } from './backup-menu.tsx';
import { useBackupDeeds } from './use-backup-deeds.ts';

const route = getRouteApi('/inside/backups/$backupId');

/** A backup: its head, and one of its tabs. */
export function BackupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { backupId } = route.useParams();
  const { data: backup, error } = useQuery(orpc.backups.get.queryOptions({ input: { id: backupId } }));
  const { run } = useBackupDeeds();
  const above = { to: '/backups', label: t('shell.backups') } as const;
  if (backup === undefined)
    return error === null ? (
      <PageLoading />
    ) : (
      <Page title={t('backups.backup')} above={above}>
        <ProblemAlert error={error} />
      </Page>
    );
  const active = backup.lastRun !== null && backup.lastRun.state !== 'ended' ? backup.lastRun : null;
  const openRun = (runId: string): void => void navigate({ to: '/reports/$runId', params: { runId } });
  return (
    <Page
      above={above}
      title={backup.config.name}
      badge={<HealthStatus health={backup.health} />}
      subtitle={backup.healthReason}
      actions={
        <>
          {active === null ? (
            <Button
              leftSection={<Play size={15} aria-hidden="true" />}
              loading={run.isPending}
              onClick={() => run.mutate({ id: backup.id }, { onSuccess: ({ id }) => openRun(id) })}
            >
              {t('action.runNow')}
            </Button>
          ) : (
            <Button onClick={() => openRun(active.id)}>{t('backups.showRun')}</Button>
          )}
          <BackupMenu backup={backup} withRun={false} />
        </>
      }
    >
      <LinkTabs label={t('backups.tabs')}>
        <Link to="/backups/$backupId" params={{ backupId }} activeOptions={{ exact: true }}>
          {t('shell.overview')}
        </Link>
        <Link
          to="/backups/$backupId/files"
          params={{ backupId }}
          search={{ snapshot: undefined, path: undefined }}
          activeOptions={{ includeSearch: false }}
        >
          {t('backups.files')}
        </Link>
        <Link to="/backups/$backupId/reports" params={{ backupId }}>
          {t('shell.reports')}
        </Link>
        <Link to="/backups/$backupId/retention" params={{ backupId }}>
          {t('config.retention')}
        </Link>
        <Link to="/backups/$backupId/commands" params={{ backupId }}>
          {t('commands.title')}
        </Link>
        <Link to="/backups/$backupId/configuration" params={{ backupId }}>
          {t('backups.configuration')}
        </Link>
      </LinkTabs>
      <Outlet />
    </Page>
  );
}
