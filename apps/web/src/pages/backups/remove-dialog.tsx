import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { sayDone } from '../../parts/say.ts';
import { useNames } from '../../parts/use-names.ts';
import type { BackupDialogProps } from './clone-dialog.tsx';
import { useBackupDeeds } from './use-backup-deeds.ts';

/** Asks before a backup is removed, and says what stays. */
export function RemoveDialog({ backup, opened, onClose }: BackupDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { changed } = useBackupDeeds();
  const { storageName } = useNames();
  const remove = useMutation(
    orpc.backups.remove.mutationOptions({
      onSuccess: async () => {
        await navigate({ to: '/backups' });
        sayDone(t('backups.removed', { name: backup.config.name }));
        await changed();
      },
    }),
  );
  return (
    <ConfirmDialog
      opened={opened}
      title={t('backups.removeTitle', { name: backup.config.name })}
      confirm={t('backups.remove')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: backup.id })}
      onClose={onClose}
    >
      {t('backups.removeText', { count: backup.snapshots, servers: backup.config.storageServerIds.map(storageName).join(', ') })}
    </ConfirmDialog>
  );
}
