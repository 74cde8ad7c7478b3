import type { Backup } from '@holdfast/contract';
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useBackupDeeds } from './use-backup-deeds.ts';

export interface BackupDialogProps {
  readonly backup: Backup;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks how a copy of a backup is called. */
export function CloneDialog({ backup, opened, onClose }: BackupDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { changed } = useBackupDeeds();
  const [name, setName] = useState(() => t('backups.cloneName', { name: backup.config.name }).slice(0, 100));
  const clone = useMutation(
    orpc.backups.clone.mutationOptions({
      onSuccess: async (copy) => {
        await changed();
        onClose();
        void navigate({ to: '/backups/$backupId/configuration', params: { backupId: copy.id } });
      },
    }),
  );
  return (
    <Modal opened={opened} onClose={onClose} title={t('backups.cloneTitle')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          clone.mutate({ id: backup.id, name });
        }}
      >
        <Stack gap="md">
          <Text c="dimmed">{t('backups.cloneText')}</Text>
          <TextInput
            label={t('config.name')}
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(clone.error, 'name')}
          />
          <ProblemAlert error={clone.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={clone.isPending}>
              {t('backups.clone')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
