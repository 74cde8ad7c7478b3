import type { Host } from '@holdfast/connect/port';
import type { RandomSource } from '@holdfast/kernel';
import { collectEntries } from '../collect-entries.ts';
import { databaseOfEntry } from '../entry-name.ts';
import { notOfKind, readManifest } from '../manifest.ts';
import type { PushOptions, PushReport, RestoreEntry } from '../port.ts';
import { renamed } from '../renamed.ts';
import { openMysqlConnection } from './mysql-connection.ts';
import { databaseFolder, dumpExtension, MysqlManifest } from './mysql-manifest.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { findMysqlTools } from './mysql-tools.ts';
import { restoreMysqlDatabase } from './restore-mysql-database.ts';

/** Restores the databases among the entries one after the other; the first failure ends it, with those before it restored. */
export async function pushMysql(
  host: Host,
  entries: AsyncIterable<RestoreEntry>,
  options: MysqlOptions,
  push: PushOptions,
  random: RandomSource,
): Promise<PushReport> {
  const { existing = 'refuse' } = push;
  const call = { signal: push.signal, timeoutMs: push.timeoutMs };
  const found = await collectEntries(entries);
  const manifest = await readManifest(found, MysqlManifest, 'MySQL', call);
  const tools = await findMysqlTools(host, options, call);
  await using connection = await openMysqlConnection(host, options, tools, call);
  const restored: { path: string; as: string }[] = [];
  for (const [path, entry] of found) {
    if (!path.startsWith(databaseFolder)) continue;
    const name = databaseOfEntry(path.slice(databaseFolder.length), dumpExtension);
    const database = manifest.databases.find((one) => one.name === name);
    if (database === undefined) throw notOfKind(path, 'MySQL');
    const target = renamed(push, name);
    await restoreMysqlDatabase(host, connection, { entry, database, target, existing }, random, call);
    restored.push({ path, as: target });
  }
  return { restored, notes: [] };
}
