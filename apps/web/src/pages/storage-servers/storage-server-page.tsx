import { storagePlace } from '@holdfast/contract/storage-place';
import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { CircleAlert, RefreshCw, ShieldCheck, Trash2, WandSparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Ago } from '../../parts/ago.tsx';
import { Callout } from '../../parts/callout.tsx';
import { Facts } from '../../parts/facts.tsx';
import { formatNumber } from '../../parts/format.ts';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { RunPages } from '../../parts/run/run-pages.tsx';
import { sayDone, sayProblem } from '../../parts/say.ts';
import { RecoveryKey } from '../../parts/storage/recovery-key.tsx';
import { SpaceBar } from '../../parts/storage/space-bar.tsx';
import { StorageHealth } from '../../parts/storage/storage-health.tsx';
import { useNames } from '../../parts/use-names.ts';
import { RemoveStorageDialog } from './remove-storage-dialog.tsx';
import { StorageSettings } from './storage-settings.tsx';

const route = getRouteApi('/inside/storage-servers/$storageServerId');

/** A storage server: its state, care, key and settings. */
export function StorageServerPage() {
  const { t } = useTranslation();
  const { storageServerId: id } = route.useParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { backupName } = useNames();
  const [removing, remove] = useDisclosure(false);
  const { data: server, error } = useQuery(orpc.storageServers.get.queryOptions({ input: { id } }));
  const refresh = useMutation(
    orpc.storageServers.refresh.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: orpc.storageServers.key() });
        sayDone(t('storage.refreshed'));
      },
      onError: sayProblem,
    }),
  );
  const care = useMutation(
    orpc.runs.startMaintenance.mutationOptions({
      onSuccess: (run) => void navigate({ to: '/reports/$runId', params: { runId: run.id } }),
      onError: sayProblem,
    }),
  );
  const above = { to: '/storage-servers', label: t('shell.storageServers') } as const;
  if (server === undefined)
    return error === null ? (
      <PageLoading />
    ) : (
      <Page title={t('storage.server')} above={above}>
        <ProblemAlert error={error} />
      </Page>
    );
  const { status } = server;
  const never = t('backups.never');
  return (
    <Page
      above={above}
      title={server.name}
      badge={<StorageHealth status={status} />}
      subtitle={storagePlace(server.options)}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<RefreshCw size={15} aria-hidden="true" />}
            loading={refresh.isPending}
            onClick={() => refresh.mutate({ id })}
          >
            {t('storage.refresh')}
          </Button>
          <Button
            variant="default"
            leftSection={<ShieldCheck size={15} aria-hidden="true" />}
            onClick={() => care.mutate({ kind: 'check', storageServerId: id, readDataPercent: server.maintenance.readDataPercent })}
          >
            {t('storage.checkNow')}
          </Button>
          <Button
            variant="default"
            leftSection={<WandSparkles size={15} aria-hidden="true" />}
            onClick={() => care.mutate({ kind: 'prune', storageServerId: id })}
          >
            {t('storage.pruneNow')}
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        {status.error === null ? null : (
          <Callout tone="bad" icon={CircleAlert} title={status.error.message}>
            {status.error.hint}
          </Callout>
        )}
        <Panel>
          <Facts
            items={[
              { label: t('storage.space'), wide: true, value: <SpaceBar usedBytes={status.usedBytes} freeBytes={status.freeBytes} /> },
              { label: t('backups.snapshots'), value: status.snapshots === null ? '–' : formatNumber(status.snapshots) },
              { label: t('storage.seen'), value: <Ago ms={status.checkedMs} otherwise={never} /> },
              { label: t('storage.lastWhole'), value: <Ago ms={status.lastCheckedWholeMs} otherwise={never} /> },
              { label: t('storage.lastRead'), value: <Ago ms={status.lastReadDataMs} otherwise={never} /> },
              {
                label: t('storage.usedBy'),
                wide: true,
                value: server.backupIds.length === 0 ? t('storage.usedByNone') : server.backupIds.map(backupName).join(', '),
              },
            ]}
          />
        </Panel>
        <Panel
          title={t('recovery.title')}
          description={
            server.recoveryKeyTakenMs === null ? (
              t('recovery.notTaken')
            ) : (
              <>
                {t('recovery.taken')} <Ago ms={server.recoveryKeyTakenMs} />
              </>
            )
          }
        >
          <RecoveryKey storageServerId={id} />
        </Panel>
        <StorageSettings key={id} server={server} />
        <h2 style={{ margin: '8px 0 -8px', fontSize: 15 }}>{t('storage.runs')}</h2>
        <RunPages filter={{ storageServerId: id }} />
        <Panel title={t('storage.remove')} description={t('storage.removeText')}>
          <Button variant="default" c="var(--hf-bad)" leftSection={<Trash2 size={15} aria-hidden="true" />} onClick={remove.open}>
            {t('storage.remove')}
          </Button>
        </Panel>
      </Stack>
      <RemoveStorageDialog server={server} opened={removing} onClose={remove.close} />
    </Page>
  );
}
