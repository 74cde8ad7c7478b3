import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Database } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { BackupForm } from '../../parts/backup/backup-form.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';

/** Defines a backup. */
export function NewBackupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: servers } = useQuery(orpc.storageServers.list.queryOptions());
  return (
    <Page narrow title={t('backups.new')} above={{ to: '/backups', label: t('shell.backups') }}>
      {servers?.length === 0 ? (
        <Panel>
          <EmptyState
            icon={Database}
            title={t('backups.needsStorage')}
            text={t('backups.needsStorageText')}
            action={<LinkButton to="/storage-servers/new">{t('storage.new')}</LinkButton>}
          />
        </Panel>
      ) : (
        <BackupForm onCreated={({ id }) => void navigate({ to: '/backups/$backupId', params: { backupId: id } })} />
      )}
    </Page>
  );
}
