import type { RunDetails } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../parts/facts.tsx';
import { formatDateTime, formatDuration } from '../../parts/format.ts';
import { useNow } from '../../parts/use-now.ts';

/** When a run was due, began and ended, and who did it. */
export function RunTimes({ run }: { readonly run: RunDetails }) {
  const { t } = useTranslation();
  const nowMs = useNow(1_000);
  const { dueMs, startedMs, endedMs } = run;
  return (
    <Facts
      items={[
        { label: t('run.due'), value: formatDateTime(dueMs) },
        { label: t('run.started'), value: startedMs === null ? '–' : formatDateTime(startedMs) },
        { label: t('run.endedAt'), value: endedMs === null ? '–' : formatDateTime(endedMs) },
        { label: t('run.duration'), value: startedMs === null ? '–' : formatDuration((endedMs ?? nowMs) - startedMs) },
        { label: t('run.attempt'), value: run.attempt },
        ...(run.worker === null ? [] : [{ label: t('run.worker'), value: run.worker }]),
      ]}
    />
  );
}
