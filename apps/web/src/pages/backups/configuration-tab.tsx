import type { Backup } from '@holdfast/contract';
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Eye, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { BackupFields } from '../../parts/backup/backup-fields.tsx';
import { cleanConfig } from '../../parts/backup/default-config.ts';
import { Callout } from '../../parts/callout.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { RetentionPreview } from '../../parts/retention/retention-preview.tsx';
import { sayDone } from '../../parts/say.ts';
import { passwordChange } from '../../parts/source/source-fields.tsx';
import { useBackup } from './use-backup.ts';
import { useBackupDeeds } from './use-backup-deeds.ts';
import { Versions } from './versions.tsx';

/** Changes how a backup is defined. */
export function ConfigurationTab() {
  const backup = useBackup();
  const [loaded, setLoaded] = useState(backup);
  return (
    <Stack gap="lg">
      <Editor key={`${loaded.id} ${loaded.version}`} base={loaded} newest={backup} onLoad={setLoaded} />
      <Versions backupId={backup.id} />
    </Stack>
  );
}

interface EditorProps {
  /** What was loaded when editing began. */
  readonly base: Backup;
  /** What is stored now. */
  readonly newest: Backup;
  readonly onLoad: (backup: Backup) => void;
}

function Editor({ base, newest, onLoad }: EditorProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { changed } = useBackupDeeds();
  const [config, setConfig] = useState(base.config);
  const [newPassword, setPassword] = useState<string | null | undefined>();
  const password = { isSet: base.hasSourcePassword, value: newPassword, onChange: setPassword };
  const [previewing, preview] = useDisclosure(false);
  const update = useMutation(
    orpc.backups.update.mutationOptions({
      onSuccess: async (backup) => {
        queries.setQueryData(orpc.backups.get.queryKey({ input: { id: backup.id } }), backup);
        onLoad(backup);
        sayDone(t('config.saved'));
        await changed();
      },
    }),
  );
  const overtaken = newest.version !== base.version || (update.error !== null && problemOf(update.error).status === 409);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ id: base.id, version: base.version, config: cleanConfig(config), ...passwordChange(config.source, password) });
      }}
    >
      <Stack gap="lg">
        {overtaken ? (
          <Callout
            tone="warn"
            icon={RefreshCw}
            role="alert"
            title={t('config.overtaken')}
            action={
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  void queries.fetchQuery({ ...orpc.backups.get.queryOptions({ input: { id: base.id } }), staleTime: 0 }).then(onLoad)
                }
              >
                {t('config.loadNewest')}
              </Button>
            }
          >
            {t('config.overtakenText')}
          </Callout>
        ) : null}
        <BackupFields
          value={config}
          onChange={setConfig}
          password={password}
          backupId={base.id}
          error={update.error}
          retentionAction={
            <Button variant="default" size="xs" leftSection={<Eye size={14} aria-hidden="true" />} onClick={preview.open}>
              {t('retention.previewAction')}
            </Button>
          }
        />
        <ProblemAlert error={update.error} />
        <Group>
          <Button type="submit" loading={update.isPending}>
            {t('action.save')}
          </Button>
        </Group>
      </Stack>
      <Modal
        opened={previewing}
        onClose={preview.close}
        size="xl"
        title={t('retention.preview')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <RetentionPreview
          backupId={base.id}
          storageServerIds={base.config.storageServerIds}
          retention={config.retention}
          timeZone={config.timeZone}
        />
      </Modal>
    </form>
  );
}
