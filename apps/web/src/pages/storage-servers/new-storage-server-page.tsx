import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StorageForm } from '../../parts/storage/storage-form.tsx';

/** Makes a storage server. */
export function NewStorageServerPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Page narrow title={t('storage.new')} above={{ to: '/storage-servers', label: t('shell.storageServers') }}>
      <Panel>
        <StorageForm
          submit={t('welcome.createStorage')}
          onCreated={({ id }) => void navigate({ to: '/storage-servers/$storageServerId', params: { storageServerId: id } })}
        />
      </Panel>
    </Page>
  );
}
