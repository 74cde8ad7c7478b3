import { ReportedError, RunKind, RunOutcome, RunProgress, RunState, type RunSummary, RunTrigger } from '@holdfast/contract';
import type { RunRow } from './run-row.ts';

/** The columns that a summary is made of: not the report, which is large. */
export const summaryColumns = [
  'id',
  'kind',
  'title',
  'backup_id',
  'storage_server_id',
  'state',
  'outcome',
  'trigger',
  'attempt',
  'due_ms',
  'started_ms',
  'ended_ms',
  'files',
  'bytes',
  'added_bytes',
  'item_count',
  'error',
  'progress',
] as const satisfies readonly (keyof RunRow)[];

/** A run as lists show it. */
export function runSummary(row: Pick<RunRow, (typeof summaryColumns)[number]>): RunSummary {
  return {
    id: row.id,
    kind: RunKind.parse(row.kind),
    title: row.title,
    backupId: row.backup_id,
    storageServerId: row.storage_server_id,
    state: RunState.parse(row.state),
    outcome: row.outcome === null ? null : RunOutcome.parse(row.outcome),
    trigger: RunTrigger.parse(row.trigger),
    attempt: row.attempt,
    dueMs: row.due_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    files: row.files,
    bytes: row.bytes,
    addedBytes: row.added_bytes,
    itemCount: row.item_count,
    error: row.error === null ? null : ReportedError.parse(JSON.parse(row.error)),
    progress: row.progress === null || row.state !== 'running' ? null : RunProgress.parse(JSON.parse(row.progress)),
  };
}
