import type { RunKind, RunTrigger } from '@holdfast/contract';
import type { Clock, RandomSource } from '@holdfast/kernel';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';

export interface NewRun {
  readonly kind: RunKind;
  readonly title: string;
  readonly trigger: RunTrigger;
  readonly backupId?: string | null;
  readonly storageServerId?: string | null;
  /** Besides the backup's configuration: see `run-request.ts`. */
  readonly request?: unknown;
  readonly attempt?: number;
  /** The fire of the schedule, without its jitter. There is one run for each, whoever asks how often. */
  readonly fireMs?: number | null;
  /** When it was due; now if not given. */
  readonly dueMs?: number;
  readonly notBeforeMs?: number;
  readonly missedCount?: number;
}

/** Queues a run. Undefined, and nothing done, if the backup has one of that fire already. */
export async function insertRun(
  ports: { readonly clock: Clock; readonly random: RandomSource },
  tables: Tables,
  run: NewRun,
): Promise<string | undefined> {
  const id = newId(ports);
  const dueMs = run.dueMs ?? nowMs(ports.clock);
  const inserted = await tables
    .insertInto('run')
    .values({
      id,
      kind: run.kind,
      title: run.title,
      backup_id: run.backupId ?? null,
      storage_server_id: run.storageServerId ?? null,
      config_version: null,
      trigger: run.trigger,
      request: JSON.stringify(run.request ?? {}),
      state: 'queued',
      outcome: null,
      attempt: run.attempt ?? 1,
      fire_ms: run.fireMs ?? null,
      due_ms: dueMs,
      not_before_ms: run.notBeforeMs ?? dueMs,
      started_ms: null,
      ended_ms: null,
      worker: null,
      lease_until_ms: null,
      fence: 0,
      cancel_requested: 0,
      missed_count: run.missedCount ?? 0,
      progress: null,
      report: null,
      reasons: null,
      error: null,
      files: null,
      bytes: null,
      added_bytes: null,
      item_count: 0,
    })
    .onConflict((conflict) => conflict.columns(['backup_id', 'fire_ms']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id;
}
