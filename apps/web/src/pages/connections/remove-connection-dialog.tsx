import type { Connection } from '@holdfast/contract';
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { sayDone } from '../../parts/say.ts';
import { useNames } from '../../parts/use-names.ts';
import classes from './connections.module.css';

export interface RemoveConnectionDialogProps {
  readonly connection: Connection;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Asks before a connection is forgotten; while backups go over it, it says which. */
export function RemoveConnectionDialog({ connection, opened, onClose }: RemoveConnectionDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { backupName } = useNames();
  const { name, backupIds } = connection;
  const remove = useMutation(
    orpc.connections.remove.mutationOptions({
      onSuccess: async () => {
        await navigate({ to: '/connections' });
        sayDone(t('connections.removed', { name }));
        await queries.invalidateQueries({ queryKey: orpc.connections.list.key() });
      },
    }),
  );
  if (backupIds.length > 0)
    return (
      <Modal
        opened={opened}
        onClose={onClose}
        title={t('connections.inUseTitle', { name })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack gap="md">
          <div>{t('connections.inUse')}</div>
          <ul className={classes['users']}>
            {backupIds.map((backupId) => (
              <li key={backupId}>
                <Link to="/backups/$backupId/configuration" params={{ backupId }}>
                  {backupName(backupId)}
                </Link>
              </li>
            ))}
          </ul>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.close')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    );
  return (
    <ConfirmDialog
      opened={opened}
      title={t('connections.removeTitle', { name })}
      confirm={t('connections.remove')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: connection.id })}
      onClose={onClose}
    >
      {t('connections.removeQuestion')}
    </ConfirmDialog>
  );
}
