import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { BackupForm } from '../../parts/backup/backup-form.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { RecoveryKey } from '../../parts/storage/recovery-key.tsx';
import { StorageForm } from '../../parts/storage/storage-form.tsx';
import { FirstRun } from './first-run.tsx';
import { StepList } from './step-list.tsx';
import { firstOpenStep, isStep, type Step } from './steps.ts';

const route = getRouteApi('/inside/welcome');

/** The way from an account to a first backup. What is done is read from the server, so that it goes on where it was left. */
export function WelcomePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { step: asked } = route.useSearch();
  const { data: servers } = useQuery(orpc.storageServers.list.queryOptions());
  const { data: backups } = useQuery(orpc.backups.list.queryOptions());
  if (servers === undefined || backups === undefined) return <PageLoading />;
  const open = firstOpenStep(servers, backups);
  const step = isStep(asked) ? asked : open;
  const go = (next: Step): void => void navigate({ to: '/welcome', search: { step: next } });
  const server = servers.at(-1);
  const backup = backups.at(-1);
  return (
    <Page
      narrow
      title={t('welcome.title')}
      subtitle={t('welcome.subtitle')}
      actions={
        <LinkButton to="/" variant="subtle" color="gray">
          {t('welcome.skip')}
        </LinkButton>
      }
    >
      <StepList current={step} open={open} />
      {step === 'storage' ? (
        <Panel title={t('welcome.storage')} description={t('welcome.storageText')}>
          <StorageForm submit={t('welcome.createStorage')} onCreated={() => go('key')} />
        </Panel>
      ) : null}
      {step === 'key' && server !== undefined ? (
        <Panel title={t('welcome.key')}>
          <RecoveryKey storageServerId={server.id} />
          <Group mt="lg">
            <Button variant={server.recoveryKeyTakenMs === null ? 'default' : 'filled'} onClick={() => go('backup')}>
              {server.recoveryKeyTakenMs === null ? t('welcome.later') : t('welcome.next')}
            </Button>
          </Group>
        </Panel>
      ) : null}
      {step === 'backup' ? <BackupForm onCreated={() => go('run')} /> : null}
      {step === 'run' && backup !== undefined ? <FirstRun backup={backup} /> : null}
    </Page>
  );
}
