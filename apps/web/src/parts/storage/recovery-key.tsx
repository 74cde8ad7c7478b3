import { Button, Code, CopyButton, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, Download, KeyRound, Printer, ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Callout } from '../callout.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import classes from './recovery-key.module.css';
import { saveText } from './save-text.ts';

export interface RecoveryKeyProps {
  readonly storageServerId: string;
  /** Called when somebody has it on paper or in a file. */
  readonly onTaken?: () => void;
}

/** Shows the recovery key on demand, to download, print or copy. */
export function RecoveryKey({ storageServerId, onTaken }: RecoveryKeyProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const reveal = useMutation(
    orpc.storageServers.recoveryKey.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: orpc.storageServers.key() });
        void queries.invalidateQueries({ queryKey: orpc.overview.get.key() });
      },
    }),
  );
  const key = reveal.data;
  return (
    <Stack gap="md">
      <Callout tone="warn" icon={ShieldAlert} title={t('recovery.why')}>
        {t('recovery.whyText')}
      </Callout>
      <ProblemAlert error={reveal.error} />
      {key === undefined ? (
        <div>
          <Button
            leftSection={<KeyRound size={15} aria-hidden="true" />}
            loading={reveal.isPending}
            onClick={() => reveal.mutate({ id: storageServerId })}
          >
            {t('recovery.show')}
          </Button>
        </div>
      ) : (
        <>
          <div>
            <div className={classes['label']}>{t('recovery.password')}</div>
            <Code block className={classes['password'] ?? ''}>
              {key.password}
            </Code>
          </div>
          <Group gap="xs">
            <Button
              leftSection={<Download size={15} aria-hidden="true" />}
              onClick={() => {
                saveText(key.fileName, key.text);
                onTaken?.();
              }}
            >
              {t('recovery.download')}
            </Button>
            <Button
              variant="default"
              leftSection={<Printer size={15} aria-hidden="true" />}
              onClick={() => {
                window.print();
                onTaken?.();
              }}
            >
              {t('recovery.print')}
            </Button>
            <CopyButton value={key.password}>
              {({ copied, copy }) => (
                <Button
                  variant="default"
                  leftSection={<Copy size={15} aria-hidden="true" />}
                  onClick={() => {
                    copy();
                    onTaken?.();
                  }}
                >
                  {copied ? t('action.copied') : t('recovery.copy')}
                </Button>
              )}
            </CopyButton>
          </Group>
          <pre className={classes['paper']}>{key.text}</pre>
        </>
      )}
    </Stack>
  );
}
