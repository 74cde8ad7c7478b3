import type { ExplainedCommand } from '@holdfast/contract';
import { CopyButton, Stack, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import classes from './commands.module.css';
import { useBackup } from './use-backup.ts';

/** The commands that a backup and its restore consist of, as they pass each place. Nothing of it is run. */
export function CommandsTab() {
  const { t } = useTranslation();
  const backup = useBackup();
  const { data, error } = useQuery(
    orpc.backups.explain.queryOptions({ input: { id: backup.id }, staleTime: 60_000, retry: false, refetchOnWindowFocus: false }),
  );
  if (error !== null) return <ProblemAlert error={error} title={t('commands.failed')} />;
  if (data === undefined)
    return (
      <Stack gap="sm">
        <Text c="dimmed">{t('commands.opening')}</Text>
        <PageLoading />
      </Stack>
    );
  return (
    <Stack gap="lg">
      {(['backup', 'restore'] as const).map((part) => (
        <Panel key={part} title={t(`commands.${part}`)} description={t(`commands.${part}Text`)}>
          {data[part].length === 0 ? t('commands.none') : null}
          <ol className={classes['commands']}>
            {data[part].map((command) => (
              <li key={command.map(({ line }) => line).join('\n')}>
                <Nested command={command} />
              </li>
            ))}
          </ol>
        </Panel>
      ))}
    </Stack>
  );
}

function Nested({ command }: { readonly command: ExplainedCommand }) {
  const { t } = useTranslation();
  return (
    <ol className={classes['steps']}>
      {command.map(({ place, line }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place may be passed twice
        <li key={index} className={classes['step']}>
          <div className={classes['place']}>
            <span>{t('commands.on', { place })}</span>
            <CopyButton value={line}>
              {({ copied, copy }) => (
                <UnstyledButton className={classes['copy']} onClick={copy} aria-label={t('commands.copy', { place })}>
                  <Copy size={13} aria-hidden="true" />
                  {copied ? t('action.copied') : t('action.copy')}
                </UnstyledButton>
              )}
            </CopyButton>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be within reach of the keyboard */}
          <pre className={classes['line']} tabIndex={0}>
            {line}
          </pre>
        </li>
      ))}
    </ol>
  );
}
