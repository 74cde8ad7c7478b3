import { z } from 'zod';
import { ConnectionOptions, ConnectionSecrets, SecretName } from '../connection-options.ts';
import { DisplayName } from '../display-name.ts';
import { Id } from '../id.ts';
import { EpochMs } from '../instant.ts';
import { route } from './base.ts';

/** A reusable way to the next place of a chain. Its secrets are never shown. */
export const Connection = z.strictObject({
  id: Id,
  name: z.string(),
  options: ConnectionOptions,
  /** Which secrets it has. */
  secrets: z.array(SecretName),
  createdMs: EpochMs,
  /** The backups whose chains go over it. */
  backupIds: z.array(Id),
});
export type Connection = z.infer<typeof Connection>;

/** What is found when a chain is tried. */
export const ChainVerdict = z.strictObject({
  works: z.boolean(),
  /** The links that were reached, in their order. */
  links: z.array(z.strictObject({ description: z.string(), milliseconds: z.number() })),
  /** What the last place says of its system; null if it was not reached. */
  system: z.string().nullable(),
  failed: z
    .strictObject({
      /** Of the link, counted from 1. */
      position: z.int(),
      code: z.string(),
      message: z.string(),
      hint: z.string().nullable(),
      /** The host key that was shown where none, or another one, is pinned: as it would be pinned, and its fingerprint. */
      shownKey: z.string().nullable(),
      shownFingerprint: z.string().nullable(),
      pinnedFingerprints: z.string().nullable(),
    })
    .nullable(),
});
export type ChainVerdict = z.infer<typeof ChainVerdict>;

const ById = z.strictObject({ id: Id });
/** A secret that is not named stays as it is; null takes it away. */
const SecretChanges = z.partialRecord(SecretName, z.string().nullable());

export const connections = {
  list: route.route({ method: 'GET', path: '/connections', tags: ['connections'], summary: 'All connections' }).output(z.array(Connection)),
  get: route
    .route({ method: 'GET', path: '/connections/{id}', tags: ['connections'], summary: 'A connection' })
    .input(ById)
    .output(Connection),
  create: route
    .route({ method: 'POST', path: '/connections', tags: ['connections'], summary: 'Keep a connection' })
    .input(z.strictObject({ name: DisplayName, options: ConnectionOptions, secrets: ConnectionSecrets.prefault({}) }))
    .output(Connection),
  update: route
    .route({ method: 'PATCH', path: '/connections/{id}', tags: ['connections'], summary: 'Change a connection' })
    .input(
      z.strictObject({ id: Id, name: DisplayName.optional(), options: ConnectionOptions.optional(), secrets: SecretChanges.prefault({}) }),
    )
    .output(Connection),
  remove: route
    .route({ method: 'DELETE', path: '/connections/{id}', tags: ['connections'], summary: 'Forget a connection that no backup uses' })
    .input(ById)
    .output(z.strictObject({})),
  test: route
    .route({ method: 'POST', path: '/chain-tests', tags: ['connections'], summary: 'Try a chain link by link, without keeping anything' })
    .input(
      z.strictObject({
        /** Connections in their order. */
        chain: z.array(Id).max(8),
        /** One more link at the end that is not kept yet, or is kept with other settings. `id`: whose secrets count where none are given. */
        candidate: z.strictObject({ id: Id.optional(), options: ConnectionOptions, secrets: SecretChanges.prefault({}) }).optional(),
      }),
    )
    .output(ChainVerdict),
};
