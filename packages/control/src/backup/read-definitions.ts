import type { Tables } from '../database/database.ts';
import type { VersionCache } from '../database/version-cache.ts';
import { BackupDefinition } from './backup-definition.ts';

/** Few enough for one expression of SQL. */
const atOnce = 50;

/** The definition of each backup in that version, by the backup's id. Only those that the memory does not have are read. */
export async function readDefinitions(
  memory: VersionCache,
  tables: Tables,
  backups: readonly { readonly id: string; readonly version: number }[],
): Promise<ReadonlyMap<string, BackupDefinition>> {
  const definitions = new Map<string, BackupDefinition>();
  const unknown: { readonly id: string; readonly version: number }[] = [];
  for (const { id, version } of backups) {
    const known = memory.get<BackupDefinition>(`definition ${id}`);
    if (known?.version === version) definitions.set(id, known);
    else unknown.push({ id, version });
  }
  for (let index = 0; index < unknown.length; index += atOnce) {
    const some = unknown.slice(index, index + atOnce);
    const rows = await tables
      .selectFrom('backup_version')
      .select(['backup_id', 'version', 'config', 'changed_ms'])
      .where((eb) => eb.or(some.map(({ id, version }) => eb.and({ backup_id: id, version }))))
      .execute();
    for (const row of rows) {
      const definition = new BackupDefinition(row);
      memory.set(`definition ${row.backup_id}`, definition);
      definitions.set(row.backup_id, definition);
    }
  }
  return definitions;
}
