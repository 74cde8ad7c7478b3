import type { Backup, DumpSource, StoredSnapshot } from '@holdfast/contract';
import { Button, Group, Modal, NativeSelect, Radio, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Info } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../../api/client.ts';
import { fieldError } from '../../../api/problem.ts';
import { Callout } from '../../../parts/callout.tsx';
import { useConnections } from '../../../parts/connection/use-connections.ts';
import { PageLoading } from '../../../parts/page-loading.tsx';
import { ProblemAlert } from '../../../parts/problem-alert.tsx';
import { useNames } from '../../../parts/use-names.ts';
import { ConfirmReplace } from './confirm-replace.tsx';
import { RenameFields } from './rename-fields.tsx';
import { useDumps } from './use-dumps.ts';

export interface PushDialogProps {
  readonly backup: Backup;
  readonly driver: DumpSource['driver'];
  readonly snapshot: StoredSnapshot;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks into which server and under which names the dumps of a snapshot go; replacing what is there is asked for twice. */
export function PushDialog({ backup, driver, snapshot, opened, onClose }: PushDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { backups } = useNames();
  const { chainWords } = useConnections();
  const dumps = useDumps(snapshot, driver, opened);
  const [backupId, setBackupId] = useState(backup.id);
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const [existing, setExisting] = useState<'refuse' | 'replace'>(driver === 'mongodb' ? 'replace' : 'refuse');
  const [isConfirming, setConfirming] = useState(false);
  const start = useMutation(
    orpc.runs.startPush.mutationOptions({
      onSuccess: ({ id }) => void navigate({ to: '/reports/$runId', params: { runId: id } }),
      onError: () => setConfirming(false),
    }),
  );
  const targets = [backup, ...backups.filter(({ id, config }) => id !== backup.id && config.source.driver === driver)];
  const target = targets.find(({ id }) => id === backupId) ?? backup;
  const place = placeWords(target, chainWords(target.config.chain));
  const rename = Object.fromEntries(
    Object.entries(names)
      .map(([name, as]) => [name, as.trim()] as const)
      .filter(([name, as]) => as !== '' && as !== name),
  );
  const replaced = (dumps.data ?? []).map(({ name }) => rename[name] ?? name);
  const isBarred = target.config.source.driver === 'command' && target.config.source.restoreArgv === undefined;
  const go = (): void => start.mutate({ storedSnapshotId: snapshot.id, backupId: target.id, rename, existing });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={isConfirming ? t('push.confirmTitle') : t('push.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {isConfirming ? (
        <ConfirmReplace
          place={place}
          names={
            driver === 'redis' && rename['dump.rdb'] === undefined ? [t('push.server')] : replaced.length === 0 ? [t('push.all')] : replaced
          }
          isPending={start.isPending}
          onBack={() => setConfirming(false)}
          onConfirm={go}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (existing === 'replace') setConfirming(true);
            else go();
          }}
        >
          <Stack gap="md">
            <NativeSelect
              label={t('push.into')}
              description={t('push.at', { place })}
              value={target.id}
              onChange={(event) => setBackupId(event.currentTarget.value)}
              data={targets.map(({ id, config }) => ({
                value: id,
                label: id === backup.id ? t('push.thisBackup', { name: config.name }) : config.name,
              }))}
              error={fieldError(start.error, 'backupId')}
            />
            <ProblemAlert error={dumps.error} />
            {dumps.isPending ? <PageLoading /> : null}
            {dumps.data === undefined ? null : (
              <RenameFields
                dumps={dumps.data}
                driver={driver}
                names={names}
                onChange={setNames}
                error={fieldError(start.error, 'rename')}
              />
            )}
            {driver === 'command' ? (
              <Text c={isBarred ? 'var(--hf-bad)' : 'dimmed'}>{isBarred ? t('push.commandNone') : t('push.commandHint')}</Text>
            ) : driver === 'mongodb' ? (
              <Callout tone="info" icon={Info} title={t('push.mongodb')} />
            ) : (
              <Radio.Group
                label={t('push.existing')}
                value={existing}
                onChange={(next) => setExisting(next === 'replace' ? 'replace' : 'refuse')}
              >
                <Stack gap="xs" mt={6}>
                  <Radio value="refuse" label={t('push.refuse')} />
                  <Radio value="replace" label={t('push.replace')} />
                </Stack>
              </Radio.Group>
            )}
            <ProblemAlert error={start.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" loading={start.isPending} disabled={dumps.data === undefined || isBarred}>
                {existing === 'replace' ? t('push.next') : t('restore.start')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function placeWords({ config }: Backup, chain: string): string {
  const { source } = config;
  return 'host' in source && source.host !== undefined ? `${chain} → ${source.host}` : chain;
}
