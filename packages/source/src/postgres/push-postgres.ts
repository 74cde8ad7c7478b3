import type { Host } from '@holdfast/connect/port';
import { CodedError, type RandomSource } from '@holdfast/kernel';
import { collectEntries } from '../collect-entries.ts';
import { databaseOfEntry } from '../entry-name.ts';
import { notOfKind, readManifest } from '../manifest.ts';
import type { PushReport, RestoreEntry } from '../port.ts';
import { renamed } from '../renamed.ts';
import { openPostgresConnection } from './postgres-connection.ts';
import { databaseFolder, dumpExtension, PostgresManifest, rolesPath } from './postgres-manifest.ts';
import type { PostgresOptions, PostgresPushOptions } from './postgres-options.ts';
import { restoreDatabase } from './restore-database.ts';
import { restoreRoles } from './restore-roles.ts';

/** Restores the databases among the entries one after the other; the first failure ends it, with those before it restored. */
export async function pushPostgres(
  host: Host,
  entries: AsyncIterable<RestoreEntry>,
  options: PostgresOptions,
  push: PostgresPushOptions,
  random: RandomSource,
): Promise<PushReport> {
  const { existing = 'refuse', roles = false, owners = true } = push;
  const call = { signal: push.signal, timeoutMs: push.timeoutMs };
  const found = await collectEntries(entries);
  const manifest = await readManifest(found, PostgresManifest, 'PostgreSQL', call);
  const dumps = Array.from(found).filter(([path]) => path.startsWith(databaseFolder));
  if (!owners && manifest.format === 'plain' && dumps.length > 0) throw ownersInSql();
  await using connection = await openPostgresConnection(host, options, call);
  const { maintenanceDatabase } = options;
  const notes: string[] = [];
  const rolesEntry = found.get(rolesPath);
  if (roles && rolesEntry === undefined) throw notOfKind(rolesPath, 'PostgreSQL');
  if (roles && rolesEntry !== undefined) notes.push(...(await restoreRoles(host, connection, rolesEntry, maintenanceDatabase, call)));
  const restored: { path: string; as: string }[] = [];
  for (const [path, entry] of dumps) {
    const facts = factsOf(manifest, path);
    const target = renamed(push, facts.name);
    const restore = { entry, facts, format: manifest.format, target, existing, owners, maintenanceDatabase };
    notes.push(...(await restoreDatabase(host, connection, restore, random, call)));
    restored.push({ path, as: target });
  }
  return { restored, notes };
}

function factsOf(manifest: PostgresManifest, path: string): PostgresManifest['databases'][number] {
  const name = databaseOfEntry(path.slice(databaseFolder.length), dumpExtension(manifest.format));
  const facts = manifest.databases.find((database) => database.name === name);
  if (facts === undefined) throw notOfKind(path, 'PostgreSQL');
  return facts;
}

function ownersInSql(): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: 'A dump in SQL cannot be restored without its owners and rights',
    hint: 'Make the roles first (roles), or restore from a backup in the custom format.',
  });
}
