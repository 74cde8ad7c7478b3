import type { Backup } from '@holdfast/contract';
import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { useRunEvents } from '../../api/use-run-events.ts';
import { Callout } from '../../parts/callout.tsx';
import { formatBytes, formatNumber } from '../../parts/format.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { RunProgressBar } from '../../parts/run/run-progress-bar.tsx';

/** Runs the first backup and shows how it goes. */
export function FirstRun({ backup }: { readonly backup: Backup }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const start = useMutation(
    orpc.backups.run.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: orpc.backups.key() }),
    }),
  );
  const runId = start.data?.id ?? backup.lastRun?.id;
  const { data: run } = useQuery(
    orpc.runs.get.queryOptions({
      input: { id: runId ?? '' },
      enabled: runId !== undefined,
      refetchInterval: ({ state }) => (state.data?.state === 'ended' ? false : 2_000),
    }),
  );
  const working = run !== undefined && run.state !== 'ended';
  const live = useRunEvents(runId ?? '', working);
  const ended = run?.state === 'ended' ? run : undefined;
  return (
    <Panel title={t('welcome.run')} description={t('welcome.runText', { name: backup.config.name })}>
      <Stack gap="md">
        {working ? <RunProgressBar progress={live.progress ?? run.progress} name={backup.config.name} /> : null}
        {ended === undefined ? null : ended.outcome === 'succeeded' ? (
          <Callout tone="good" icon={CircleCheck} role="status" title={t('welcome.safe')}>
            {t('welcome.safeText', { files: formatNumber(ended.files ?? 0), bytes: formatBytes(ended.bytes ?? 0) })}
          </Callout>
        ) : (
          <Callout tone="bad" icon={CircleX} role="alert" title={ended.error?.message ?? ended.reasons[0] ?? t('welcome.failed')}>
            {ended.error?.hint}
          </Callout>
        )}
        <ProblemAlert error={start.error} />
        <Group gap="xs">
          {working ? null : (
            <Button
              leftSection={<Play size={15} aria-hidden="true" />}
              variant={ended?.outcome === 'succeeded' ? 'default' : 'filled'}
              loading={start.isPending}
              onClick={() => start.mutate({ id: backup.id })}
            >
              {t('action.runNow')}
            </Button>
          )}
          {runId === undefined ? null : (
            <LinkButton to="/reports/$runId" params={{ runId }} variant="default">
              {t('run.open')}
            </LinkButton>
          )}
          {ended?.outcome === 'succeeded' ? <LinkButton to="/">{t('welcome.finish')}</LinkButton> : null}
        </Group>
      </Stack>
    </Panel>
  );
}
