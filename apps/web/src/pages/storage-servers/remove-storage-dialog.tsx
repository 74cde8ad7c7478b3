import type { StorageServer } from '@holdfast/contract';
import { storagePlace } from '@holdfast/contract/storage-place';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { sayDone } from '../../parts/say.ts';

export interface RemoveStorageDialogProps {
  readonly server: StorageServer;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks before a storage server is forgotten, and says what stays. */
export function RemoveStorageDialog({ server, opened, onClose }: RemoveStorageDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation(
    orpc.storageServers.remove.mutationOptions({
      onSuccess: async () => {
        await navigate({ to: '/storage-servers' });
        sayDone(t('storage.removed', { name: server.name }));
        await queries.invalidateQueries({ queryKey: orpc.storageServers.list.key() });
      },
    }),
  );
  return (
    <ConfirmDialog
      opened={opened}
      title={t('storage.removeTitle', { name: server.name })}
      confirm={t('storage.remove')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: server.id })}
      onClose={onClose}
    >
      {t('storage.removeQuestion', { path: storagePlace(server.options) })}
    </ConfirmDialog>
  );
}
