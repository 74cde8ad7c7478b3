import { z } from 'zod';
import { Compression } from './compression.ts';
import { DisplayName } from './display-name.ts';
import { Hook } from './hook.ts';
import { Id } from './id.ts';
import { TimeZone } from './instant.ts';
import { RetentionPolicy } from './retention-policy.ts';
import { Schedule } from './schedule.ts';
import { Source } from './source.ts';

/** What a person defines. Each change makes a new version; a report shows the version that it ran with. */
export const BackupConfig = z.strictObject({
  name: DisplayName,
  /** The connections that lead from the Holdfast machine to what is backed up, in their order. None: it is on that machine. */
  chain: z.array(Id).max(8, 'A chain has at most 8 links.').default([]),
  source: Source,
  /** Commands before and after each run. */
  hooks: z.array(Hook).max(20).default([]),
  /** Where each run leaves a snapshot. */
  storageServerIds: z
    .array(Id)
    .min(1, 'Choose at least one storage server.')
    .max(20)
    .refine((ids) => new Set(ids).size === ids.length, { error: 'A storage server is named twice.' }),
  /** Null: only by hand. */
  schedule: Schedule.nullable(),
  timeZone: TimeZone,
  retention: RetentionPolicy,
  compression: Compression.default('auto'),
  /** A run that takes longer is stopped and counts as failed. */
  timeLimitMinutes: z.int().min(1).max(10_080).default(1_440),
  retries: z
    .strictObject({ times: z.int().min(0).max(10), pauseMinutes: z.int().min(1).max(1_440) })
    .default({ times: 2, pauseMinutes: 5 }),
  /**
   * By how much the content may shrink from one run to the next. One that shrinks more counts as partial, and nothing is removed after it until
   * the backup is changed or has its size again. Null: it may have any size.
   */
  shrinkLimitPercent: z.int().min(1).max(99).nullable().default(50),
  /** When people are told of a run that succeeded; of everything else they always are. */
  notifySuccess: z.boolean().default(false),
});
export type BackupConfig = z.infer<typeof BackupConfig>;
