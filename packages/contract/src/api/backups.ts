import { z } from 'zod';
import { BackupConfig } from '../backup-config.ts';
import { DisplayName } from '../display-name.ts';
import { Id } from '../id.ts';
import { EpochMs, TimeZone } from '../instant.ts';
import { RetentionPolicy } from '../retention-policy.ts';
import { Health } from '../run-states.ts';
import { Schedule } from '../schedule.ts';
import { route } from './base.ts';
import { RunSummary } from './runs.ts';
import { RetentionVerdict } from './snapshots.ts';

export const Backup = z.strictObject({
  id: Id,
  version: z.int(),
  config: BackupConfig,
  paused: z.boolean(),
  createdMs: EpochMs,
  health: Health,
  /** Why the health is what it is, one sentence. */
  healthReason: z.string(),
  nextRunMs: EpochMs.nullable(),
  lastRun: RunSummary.nullable(),
  lastSuccessMs: EpochMs.nullable(),
  snapshots: z.int(),
});
export type Backup = z.infer<typeof Backup>;

const ById = z.strictObject({ id: Id });

export const backups = {
  list: route
    .route({ method: 'GET', path: '/backups', tags: ['backups'], summary: 'All backups with their state' })
    .output(z.array(Backup)),
  get: route
    .route({ method: 'GET', path: '/backups/{id}', tags: ['backups'], summary: 'A backup' })
    .input(ById)
    .output(Backup),
  create: route
    .route({ method: 'POST', path: '/backups', tags: ['backups'], summary: 'Define a backup' })
    .input(z.strictObject({ config: BackupConfig }))
    .output(Backup),
  update: route
    .route({ method: 'PUT', path: '/backups/{id}', tags: ['backups'], summary: 'Change a backup' })
    .input(z.strictObject({ id: Id, config: BackupConfig, version: z.int() }))
    .output(Backup),
  clone: route
    .route({ method: 'POST', path: '/backups/{id}/clone', tags: ['backups'], summary: 'A paused copy of it' })
    .input(z.strictObject({ id: Id, name: DisplayName }))
    .output(Backup),
  setPaused: route
    .route({ method: 'POST', path: '/backups/{id}/paused', tags: ['backups'], summary: 'Pause or resume its schedule' })
    .input(z.strictObject({ id: Id, paused: z.boolean() }))
    .output(Backup),
  run: route
    .route({ method: 'POST', path: '/backups/{id}/run', tags: ['backups'], summary: 'Run it now' })
    .input(ById)
    .output(RunSummary),
  remove: route
    .route({
      method: 'DELETE',
      path: '/backups/{id}',
      tags: ['backups'],
      summary: 'Remove the definition; its snapshots stay on their storage servers',
    })
    .input(ById)
    .output(z.strictObject({})),
  versions: route
    .route({ method: 'GET', path: '/backups/{id}/versions', tags: ['backups'], summary: 'How it was defined over time' })
    .input(ById)
    .output(z.array(z.strictObject({ version: z.int(), config: BackupConfig, changedMs: EpochMs, changedBy: z.string() }))),
  previewRetention: route
    .route({
      method: 'POST',
      path: '/backups/{id}/retention-preview',
      tags: ['backups'],
      summary: 'What a policy would keep of the snapshots that are there',
    })
    .input(z.strictObject({ id: Id, storageServerId: Id, retention: RetentionPolicy.optional() }))
    .output(z.array(RetentionVerdict)),
  previewSchedule: route
    .route({ method: 'POST', path: '/schedule-preview', tags: ['backups'], summary: 'When a schedule fires next' })
    .input(z.strictObject({ schedule: Schedule, timeZone: TimeZone, count: z.int().min(1).max(50).default(5) }))
    .output(z.strictObject({ description: z.string(), fires: z.array(EpochMs) })),
};
