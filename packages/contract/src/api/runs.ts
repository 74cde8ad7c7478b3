import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { AbsolutePath } from '../absolute-path.ts';
import { BackupConfig } from '../backup-config.ts';
import { Id } from '../id.ts';
import { EpochMs } from '../instant.ts';
import { ReportedError } from '../reported-error.ts';
import { LogLevel, RunEvent, RunProgress } from '../run-event.ts';
import { PushPlan, RestorePlan } from '../run-plan.ts';
import { RunReport } from '../run-report.ts';
import { RunKind, RunOutcome, RunState, RunTrigger } from '../run-states.ts';
import { route } from './base.ts';
import { PageInput, page } from './page.ts';

export const RunSummary = z.strictObject({
  id: Id,
  kind: RunKind,
  title: z.string(),
  backupId: Id.nullable(),
  storageServerId: Id.nullable(),
  state: RunState,
  outcome: RunOutcome.nullable(),
  trigger: RunTrigger,
  attempt: z.int(),
  /** When it was due; for runs by hand when it was asked for. */
  dueMs: EpochMs,
  startedMs: EpochMs.nullable(),
  endedMs: EpochMs.nullable(),
  files: z.int().nullable(),
  bytes: z.int().nullable(),
  addedBytes: z.int().nullable(),
  itemCount: z.int(),
  error: ReportedError.nullable(),
  /** Where it is now; null unless it runs. */
  progress: RunProgress.nullable(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const LogEntry = z.strictObject({ seq: z.int(), atMs: EpochMs, level: LogLevel, text: z.string() });
export type LogEntry = z.infer<typeof LogEntry>;

export const RunDetails = RunSummary.extend({
  report: RunReport.nullable(),
  /** Why the outcome is what it is, one sentence each. */
  reasons: z.array(z.string()),
  configVersion: z.int().nullable(),
  config: BackupConfig.nullable(),
  worker: z.string().nullable(),
  missedCount: z.int(),
});
export type RunDetails = z.infer<typeof RunDetails>;

const ById = z.strictObject({ id: Id });

export const runs = {
  list: route
    .route({ method: 'GET', path: '/runs', tags: ['runs'], summary: 'Runs and their reports, newest first' })
    .input(
      PageInput.extend({
        backupId: Id.optional(),
        storageServerId: Id.optional(),
        kind: RunKind.optional(),
        state: RunState.optional(),
        outcome: RunOutcome.optional(),
      }),
    )
    .output(page(RunSummary)),
  get: route
    .route({ method: 'GET', path: '/runs/{id}', tags: ['runs'], summary: 'A run with its report' })
    .input(ById)
    .output(RunDetails),
  log: route
    .route({ method: 'GET', path: '/runs/{id}/log', tags: ['runs'], summary: 'Lines of its log' })
    .input(
      z.strictObject({
        id: Id,
        afterSeq: z.coerce.number().int().min(-1).default(-1),
        limit: z.coerce.number().int().min(1).max(1000).default(500),
      }),
    )
    .output(z.array(LogEntry)),
  cancel: route
    .route({ method: 'POST', path: '/runs/{id}/cancel', tags: ['runs'], summary: 'Stop it' })
    .input(ById)
    .output(z.strictObject({})),
  events: route
    .route({ method: 'GET', path: '/runs/{id}/events', tags: ['runs'], summary: 'Progress and log lines as they come; ends with the run' })
    .input(ById)
    .output(eventIterator(RunEvent)),
  startMaintenance: route
    .route({ method: 'POST', path: '/runs/maintenance', tags: ['runs'], summary: 'Check or prune a storage server now' })
    .input(
      z.strictObject({ kind: z.enum(['check', 'prune']), storageServerId: Id, readDataPercent: z.number().min(0).max(100).optional() }),
    )
    .output(RunSummary),
  startRestore: route
    .route({ method: 'POST', path: '/runs/restore', tags: ['runs'], summary: 'Restore a snapshot, or a part of it' })
    .input(
      z.strictObject({
        storedSnapshotId: Id,
        paths: z.array(AbsolutePath).max(10_000).default([]),
        /** The connections that lead to the target; none: it is on the Holdfast machine. */
        chain: z.array(Id).max(8).default([]),
        target: AbsolutePath,
        overwrite: RestorePlan.shape.overwrite.default('if-changed'),
        verify: z.boolean().default(true),
        dryRun: z.boolean().default(false),
      }),
    )
    .output(RunSummary),
  startPush: route
    .route({ method: 'POST', path: '/runs/push', tags: ['runs'], summary: 'Put the dumps of a snapshot back into a server' })
    .input(
      z.strictObject({
        storedSnapshotId: Id,
        /** The backup whose source is the server to restore to. None: the one that the snapshot is of. */
        backupId: Id.optional(),
        rename: z.record(z.string().max(4095), z.string().min(1).max(4095)).default({}),
        existing: PushPlan.shape.existing.default('refuse'),
      }),
    )
    .output(RunSummary),
};
