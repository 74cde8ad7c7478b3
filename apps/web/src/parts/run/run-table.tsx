import type { RunSummary } from '@holdfast/contract';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Ago } from '../ago.tsx';
import { type Column, DataTable } from '../data-table.tsx';
import { formatBytes, formatDuration, formatNumber } from '../format.ts';
import { Named } from '../named.tsx';
import { RunStatus } from '../run-status.tsx';

export interface RunTableProps {
  readonly runs: readonly RunSummary[];
  /** Fewer columns. */
  readonly brief?: boolean;
}

/** Runs, each leading to its report. */
export function RunTable({ runs, brief = false }: RunTableProps) {
  const { t } = useTranslation();
  const figures: Column<RunSummary>[] = [
    { key: 'bytes', header: t('run.size'), align: 'end', hide: 'tablet', cell: (run) => bytesOr(run.bytes) },
    { key: 'added', header: t('run.added'), align: 'end', hide: 'tablet', cell: (run) => bytesOr(run.addedBytes) },
    {
      key: 'files',
      header: t('run.fileCount'),
      align: 'end',
      hide: 'tablet',
      cell: (run) => (run.files === null ? '–' : formatNumber(run.files)),
    },
  ];
  return (
    <DataTable<RunSummary>
      label={t('run.list')}
      rows={runs}
      rowKey={(run) => run.id}
      columns={[
        {
          key: 'run',
          header: t('run.run'),
          cell: (run) => (
            <Named
              name={
                <Link to="/reports/$runId" params={{ runId: run.id }}>
                  {run.title}
                </Link>
              }
            >
              {run.error === null ? t(`run.kind.${run.kind}`) : `${t(`run.kind.${run.kind}`)} · ${run.error.message}`}
            </Named>
          ),
        },
        { key: 'status', header: t('run.status'), cell: (run) => <RunStatus state={run.state} outcome={run.outcome} /> },
        { key: 'when', header: t('run.when'), hide: 'phone', cell: (run) => <Ago ms={run.startedMs ?? run.dueMs} /> },
        {
          key: 'duration',
          header: t('run.duration'),
          hide: 'tablet',
          align: 'end',
          cell: (run) => (run.startedMs === null || run.endedMs === null ? '–' : formatDuration(run.endedMs - run.startedMs)),
        },
        ...(brief ? [] : figures),
      ]}
    />
  );
}

function bytesOr(bytes: number | null): string {
  return bytes === null ? '–' : formatBytes(bytes);
}
