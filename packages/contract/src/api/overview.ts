import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { EpochMs } from '../instant.ts';
import { Health } from '../run-states.ts';
import { route } from './base.ts';
import { PageInput, page } from './page.ts';
import { RunSummary } from './runs.ts';

export const Overview = z.strictObject({
  backups: z.record(Health, z.int()),
  running: z.array(RunSummary),
  recent: z.array(RunSummary),
  upcoming: z.array(z.strictObject({ backupId: z.string(), name: z.string(), atMs: EpochMs })),
  storedBytes: z.int(),
  storageServersUnreachable: z.int(),
  storageServers: z.int(),
  recoveryKeysNotTaken: z.int(),
  /** The last thirty days: how runs ended on each, oldest first, in the server's zone. */
  days: z.array(z.strictObject({ day: z.string(), succeeded: z.int(), partial: z.int(), failed: z.int(), missed: z.int() })),
});
export type Overview = z.infer<typeof Overview>;

/** That something changed, so that whoever shows it asks again. */
export const Change = z.strictObject({
  noun: z.enum(['backup', 'connection', 'storage-server', 'run', 'snapshot', 'notification', 'settings']),
  id: z.string(),
});
export type Change = z.infer<typeof Change>;

export const AuditEntry = z.strictObject({
  id: z.string(),
  atMs: EpochMs,
  actor: z.string(),
  verb: z.string(),
  object: z.string(),
  details: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const overview = {
  get: route.route({ method: 'GET', path: '/overview', tags: ['overview'], summary: 'The state of everything' }).output(Overview),
  changes: route
    .route({ method: 'GET', path: '/changes', tags: ['overview'], summary: 'What changes, as it happens' })
    .output(eventIterator(Change)),
  audit: route
    .route({ method: 'GET', path: '/audit', tags: ['overview'], summary: 'Who did what' })
    .input(PageInput)
    .output(page(AuditEntry)),
  directory: route
    .route({ method: 'GET', path: '/directories', tags: ['overview'], summary: 'Directories of this machine, for choosing one' })
    .input(z.strictObject({ path: z.string().max(4095).default('/') }))
    .output(z.strictObject({ path: z.string(), parent: z.string().nullable(), directories: z.array(z.string()) })),
};
