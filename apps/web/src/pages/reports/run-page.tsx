import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Square } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { useRunEvents } from '../../api/use-run-events.ts';
import { useRunLog } from '../../api/use-run-log.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { formatDateTime } from '../../parts/format.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { LogView } from '../../parts/run/log-view.tsx';
import { RunProgressBar } from '../../parts/run/run-progress-bar.tsx';
import { RunStatus } from '../../parts/run-status.tsx';
import { RunConfig } from './run-config.tsx';
import { RunOutcomeNote } from './run-outcome-note.tsx';
import { RunReportPanels } from './run-report-panels.tsx';
import { RunTimes } from './run-times.tsx';

const route = getRouteApi('/inside/reports/$runId');

/** A run: live while it works, its report when it has ended. */
export function RunPage() {
  const { t } = useTranslation();
  const { runId } = route.useParams();
  const queries = useQueryClient();
  const [asking, ask] = useDisclosure(false);
  const { data: run, error } = useQuery(
    orpc.runs.get.queryOptions({
      input: { id: runId },
      refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'ended' ? false : 3_000),
    }),
  );
  const working = run !== undefined && run.state !== 'ended';
  const { progress, logLines } = useRunEvents(runId, working);
  const log = useRunLog(runId, working);
  const refetchLog = log.refetch;
  useEffect(() => {
    if (logLines > 0) void refetchLog();
  }, [logLines, refetchLog]);
  useEffect(() => {
    if (!working) void refetchLog();
  }, [working, refetchLog]);
  const cancel = useMutation(
    orpc.runs.cancel.mutationOptions({
      onSuccess: async () => {
        ask.close();
        await queries.invalidateQueries({ queryKey: orpc.runs.key() });
      },
    }),
  );
  const above = { to: '/reports', label: t('shell.reports') } as const;
  if (run === undefined)
    return error === null ? (
      <PageLoading />
    ) : (
      <Page title={t('run.run')} above={above}>
        <ProblemAlert error={error} />
      </Page>
    );
  return (
    <Page
      above={above}
      title={run.title}
      badge={<RunStatus state={run.state} outcome={run.outcome} />}
      subtitle={
        <>
          {t(`run.kind.${run.kind}`)} · {t(`run.trigger.${run.trigger}`)} · {formatDateTime(run.startedMs ?? run.dueMs)}
        </>
      }
      actions={
        <>
          {run.backupId === null ? null : (
            <LinkButton to="/backups/$backupId" params={{ backupId: run.backupId }} variant="default">
              {t('run.toBackup')}
            </LinkButton>
          )}
          {working ? (
            <Button variant="default" c="var(--hf-bad)" leftSection={<Square size={13} aria-hidden="true" />} onClick={ask.open}>
              {t('run.cancel')}
            </Button>
          ) : null}
        </>
      }
    >
      <Stack gap="lg">
        {working ? (
          <Panel>
            <RunProgressBar progress={progress ?? run.progress} name={run.title} />
          </Panel>
        ) : (
          <RunOutcomeNote run={run} />
        )}
        <Panel>
          <RunTimes run={run} />
        </Panel>
        {run.report === null ? null : <RunReportPanels report={run.report} />}
        <Panel title={t('run.log')} flush>
          <ProblemAlert error={log.error} />
          <LogView entries={log.data ?? []} follow={working} />
        </Panel>
        {run.config === null ? null : <RunConfig run={run} />}
      </Stack>
      <ConfirmDialog
        opened={asking}
        title={t('run.cancelTitle')}
        confirm={t('run.cancel')}
        danger
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate({ id: runId })}
        onClose={ask.close}
      >
        {t('run.cancelText')}
      </ConfirmDialog>
    </Page>
  );
}
