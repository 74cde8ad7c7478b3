import { z } from 'zod';
import { Id } from './id.ts';
import { EpochMs } from './instant.ts';
import { ReportedError } from './reported-error.ts';

/** What people are told: facts of one event, without words. Senders' messages are made from it. */
export const Notice = z.strictObject({
  id: Id,
  /** `recovered`: succeeded after it had failed. `test`: somebody asked for it. */
  event: z.enum(['failed', 'warning', 'recovered', 'missed', 'overdue', 'succeeded', 'test']),
  atMs: EpochMs,
  timeZone: z.string(),
  /** What it is about: a backup, or a storage server where `backupId` is null. */
  title: z.string(),
  backupId: Id.nullable(),
  runId: Id.nullable(),
  runKind: z.string().nullable(),
  /** One line for each storage server: what became of it. */
  destinations: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), text: z.string() })),
  files: z.int().nullable(),
  bytes: z.int().nullable(),
  addedBytes: z.int().nullable(),
  durationMs: z.int().nullable(),
  itemCount: z.int(),
  /** Times a run was due and did not happen. */
  missedCount: z.int(),
  nextRunMs: EpochMs.nullable(),
  error: ReportedError.nullable(),
  /** Where the page of it is, if Holdfast knows its own address. */
  link: z.string().nullable(),
});
export type Notice = z.infer<typeof Notice>;
