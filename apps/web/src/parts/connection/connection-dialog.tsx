import type { Connection } from '@holdfast/contract';
import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ConnectionForm } from './connection-form.tsx';

export interface ConnectionDialogProps {
  readonly opened: boolean;
  /** The connections that lead to the place before it. */
  readonly through: readonly string[];
  readonly onCreated: (connection: Connection) => void;
  readonly onClose: () => void;
}

/** Makes a connection without leaving what one is at. */
export function ConnectionDialog({ opened, through, onCreated, onClose }: ConnectionDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t('connections.new')} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      <ConnectionForm through={through} onStored={onCreated} />
    </Modal>
  );
}
