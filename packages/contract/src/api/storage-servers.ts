import { z } from 'zod';
import { DisplayName } from '../display-name.ts';
import { Id } from '../id.ts';
import { EpochMs } from '../instant.ts';
import { ReportedError } from '../reported-error.ts';
import { LocalPlace, StorageOptions, StorageSecrets } from '../storage-options.ts';
import { route } from './base.ts';

/** What was last seen of a storage server. */
export const StorageStatus = z.strictObject({
  reachable: z.boolean().nullable(),
  checkedMs: EpochMs.nullable(),
  usedBytes: z.int().nullable(),
  freeBytes: z.int().nullable(),
  snapshots: z.int().nullable(),
  latencyMs: z.number().nullable(),
  error: ReportedError.nullable(),
  /** When a check last proved that the repository is whole, and when one last read all of its data. */
  lastCheckedWholeMs: EpochMs.nullable(),
  lastReadDataMs: EpochMs.nullable(),
});
export type StorageStatus = z.infer<typeof StorageStatus>;

export const MaintenancePlan = z.strictObject({
  /** Null: never by itself. */
  checkEveryDays: z.int().min(1).max(365).nullable().default(7),
  readDataPercent: z.number().min(0).max(100).default(10),
  pruneEveryDays: z.int().min(1).max(365).nullable().default(7),
});
export type MaintenancePlan = z.infer<typeof MaintenancePlan>;

export const StorageServer = z.strictObject({
  id: Id,
  name: z.string(),
  options: StorageOptions,
  repositoryId: z.string(),
  maintenance: MaintenancePlan,
  createdMs: EpochMs,
  /** Whether somebody has taken the recovery key. Until then a lost machine means lost backups. */
  recoveryKeyTakenMs: EpochMs.nullable(),
  backupIds: z.array(Id),
  status: StorageStatus,
});
export type StorageServer = z.infer<typeof StorageServer>;

const ById = z.strictObject({ id: Id });

export const storageServers = {
  list: route
    .route({ method: 'GET', path: '/storage-servers', tags: ['storage servers'], summary: 'All storage servers' })
    .output(z.array(StorageServer)),
  get: route
    .route({ method: 'GET', path: '/storage-servers/{id}', tags: ['storage servers'], summary: 'A storage server' })
    .input(ById)
    .output(StorageServer),
  proposal: route
    .route({
      method: 'GET',
      path: '/storage-proposal',
      tags: ['storage servers'],
      summary: 'A directory that would do for a first storage server',
    })
    .output(LocalPlace),
  test: route
    .route({ method: 'POST', path: '/storage-tests', tags: ['storage servers'], summary: 'Try a place without keeping it' })
    .input(z.strictObject({ options: StorageOptions, secrets: StorageSecrets.optional() }))
    .output(
      z.strictObject({ ok: z.boolean(), holdsRepository: z.boolean(), freeBytes: z.int().nullable(), error: ReportedError.nullable() }),
    ),
  create: route
    .route({
      method: 'POST',
      path: '/storage-servers',
      tags: ['storage servers'],
      summary: 'Make a repository, or adopt the one that is there',
    })
    .input(
      z.strictObject({
        name: DisplayName,
        options: StorageOptions,
        secrets: StorageSecrets.optional(),
        /** Of the repository that is there; for a new one a strong one is made if none is given. */
        password: z.string().min(1).max(1000).optional(),
        /** Whether a repository that is there already is meant. */
        adopt: z.boolean().default(false),
        maintenance: MaintenancePlan.prefault({}),
      }),
    )
    .output(StorageServer),
  update: route
    .route({ method: 'PATCH', path: '/storage-servers/{id}', tags: ['storage servers'], summary: 'Change a storage server' })
    .input(
      z.strictObject({
        id: Id,
        name: DisplayName.optional(),
        options: StorageOptions.optional(),
        /** In place of all that there are; those stay if none are given. */
        secrets: StorageSecrets.optional(),
        maintenance: MaintenancePlan.optional(),
      }),
    )
    .output(StorageServer),
  remove: route
    .route({
      method: 'DELETE',
      path: '/storage-servers/{id}',
      tags: ['storage servers'],
      summary: 'Forget a storage server; what it stores stays',
    })
    .input(ById)
    .output(z.strictObject({})),
  refresh: route
    .route({ method: 'POST', path: '/storage-servers/{id}/refresh', tags: ['storage servers'], summary: 'Look at it now' })
    .input(ById)
    .output(StorageServer),
  recoveryKey: route
    .route({
      method: 'POST',
      path: '/storage-servers/{id}/recovery-key',
      tags: ['storage servers'],
      summary: 'The password of its repository, and how to use it without Holdfast',
    })
    .input(ById)
    .output(z.strictObject({ fileName: z.string(), text: z.string(), password: z.string() })),
};
