import type { Backup } from '@holdfast/contract';
import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { CopyPlus, Ellipsis, Pause, Play, StepForward, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { CloneDialog } from './clone-dialog.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { useBackupDeeds } from './use-backup-deeds.ts';

/** The deeds of a backup behind three dots. */
export function BackupMenu({ backup, withRun = true }: { readonly backup: Backup; readonly withRun?: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { run, setPaused } = useBackupDeeds();
  const [cloning, clone] = useDisclosure(false);
  const [removing, remove] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon
            variant={withRun ? 'subtle' : 'default'}
            color="gray"
            size={withRun ? 30 : 36}
            aria-label={t('backups.menu', { name: backup.config.name })}
          >
            <Ellipsis size={17} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {withRun ? (
            <Menu.Item
              leftSection={<Play size={15} aria-hidden="true" />}
              onClick={() =>
                run.mutate({ id: backup.id }, { onSuccess: ({ id }) => void navigate({ to: '/reports/$runId', params: { runId: id } }) })
              }
            >
              {t('action.runNow')}
            </Menu.Item>
          ) : null}
          <Menu.Item
            leftSection={backup.paused ? <StepForward size={15} aria-hidden="true" /> : <Pause size={15} aria-hidden="true" />}
            onClick={() => setPaused.mutate({ id: backup.id, paused: !backup.paused })}
          >
            {backup.paused ? t('backups.resume') : t('backups.pause')}
          </Menu.Item>
          <Menu.Item leftSection={<CopyPlus size={15} aria-hidden="true" />} onClick={clone.open}>
            {t('backups.clone')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="var(--hf-bad)" leftSection={<Trash2 size={15} aria-hidden="true" />} onClick={remove.open}>
            {t('backups.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CloneDialog backup={backup} opened={cloning} onClose={clone.close} />
      <RemoveDialog backup={backup} opened={removing} onClose={remove.close} />
    </>
  );
}
