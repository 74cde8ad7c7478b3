import { z } from 'zod';
import { BackupConfig } from '../backup-config.ts';
import { DisplayName } from '../display-name.ts';
import { Id } from '../id.ts';
import { EpochMs, TimeZone } from '../instant.ts';
import { RetentionPolicy } from '../retention-policy.ts';
import { Health } from '../run-states.ts';
import { Schedule } from '../schedule.ts';
import { Source, SourcePassword } from '../source.ts';
import { route } from './base.ts';
import { RunSummary } from './runs.ts';
import { RetentionVerdict } from './snapshots.ts';

export const Backup = z.strictObject({
  id: Id,
  version: z.int(),
  config: BackupConfig,
  /** Whether it knows a password for its source. It is never shown. */
  hasSourcePassword: z.boolean(),
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

/** What a source says when somebody looks at it. */
export const SourceFindings = z.strictObject({
  /** Where it is, for people: `ssh deploy@db1 → docker pg`. */
  place: z.string(),
  /** What answers there: `PostgreSQL 16.4`. Null for a source that is no server. */
  server: z.string().nullable(),
  /** The programs that will be used there, and which they say they are. */
  tools: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  /** Databases or files, and whether a run takes them. */
  contents: z.array(z.strictObject({ name: z.string(), sizeBytes: z.number().nullable(), selected: z.boolean() })),
  /** `blocking`: a run would fail. The others are weaknesses that people should know of. */
  problems: z.array(z.strictObject({ blocking: z.boolean(), code: z.string(), message: z.string(), hint: z.string() })),
  /** What snapshots of it will lack, such as extended attributes. */
  missing: z.array(z.string()),
});
export type SourceFindings = z.infer<typeof SourceFindings>;

/** A command as it passes the places of a chain, the outermost first. */
export const ExplainedCommand = z.array(z.strictObject({ place: z.string(), line: z.string() }));
export type ExplainedCommand = z.infer<typeof ExplainedCommand>;

const ById = z.strictObject({ id: Id });
/** Of the source. Not named: it stays as it is; null takes it away. */
const PasswordChange = SourcePassword.nullable().optional();

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
    .input(z.strictObject({ config: BackupConfig, sourcePassword: PasswordChange }))
    .output(Backup),
  update: route
    .route({ method: 'PUT', path: '/backups/{id}', tags: ['backups'], summary: 'Change a backup' })
    .input(z.strictObject({ id: Id, config: BackupConfig, version: z.int(), sourcePassword: PasswordChange }))
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
  probe: route
    .route({ method: 'POST', path: '/source-probes', tags: ['backups'], summary: 'Look what a source has, without keeping anything' })
    .input(
      z.strictObject({
        /** The backup whose password counts where none is given. */
        id: Id.optional(),
        chain: z.array(Id).max(8).default([]),
        source: Source,
        sourcePassword: PasswordChange,
      }),
    )
    .output(SourceFindings),
  explain: route
    .route({
      method: 'POST',
      path: '/backups/{id}/explain',
      tags: ['backups'],
      summary: 'The commands that a run and a restore of it consist of, nested as they are; they are not run',
    })
    .input(ById)
    .output(z.strictObject({ backup: z.array(ExplainedCommand), restore: z.array(ExplainedCommand) })),
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
