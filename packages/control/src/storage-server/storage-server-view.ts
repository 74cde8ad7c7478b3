import { MaintenancePlan, StorageOptions, type StorageServer, StorageStatus } from '@holdfast/contract';
import type { Database, Tables } from '../database/database.ts';
import type { StorageServerTable } from '../database/schema.ts';
import { notFound } from '../refusals.ts';

const columns = [
  'id',
  'name',
  'options',
  'repository_id',
  'maintenance',
  'created_ms',
  'recovery_key_taken_ms',
  'status',
] as const satisfies readonly (keyof StorageServerTable)[];

/** Storage servers as the API shows them, by name; all of them, or that one. Never with a password. */
export async function readStorageServers(tables: Tables, id?: string): Promise<StorageServer[]> {
  let servers = tables.selectFrom('storage_server').select(columns).orderBy('name');
  let destinations = tables.selectFrom('backup_destination').selectAll().orderBy('backup_id');
  if (id !== undefined) {
    servers = servers.where('id', '=', id);
    destinations = destinations.where('storage_server_id', '=', id);
  }
  const [rows, uses] = [await servers.execute(), await destinations.execute()];
  const backupIds = Map.groupBy(uses, ({ storage_server_id }) => storage_server_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    options: StorageOptions.parse(JSON.parse(row.options)),
    repositoryId: row.repository_id,
    maintenance: MaintenancePlan.parse(JSON.parse(row.maintenance)),
    createdMs: row.created_ms,
    recoveryKeyTakenMs: row.recovery_key_taken_ms,
    backupIds: (backupIds.get(row.id) ?? []).map(({ backup_id }) => backup_id),
    status: StorageStatus.parse(JSON.parse(row.status)),
  }));
}

/** All of them, read again only when something in the database has changed. */
export async function knownStorageServers({ reads, tables }: Database): Promise<StorageServer[]> {
  return [...(await reads.read('storage servers', async () => await readStorageServers(tables)))];
}

/** `not-found` if there is none. */
export async function readStorageServer(tables: Tables, id: string): Promise<StorageServer> {
  const [server] = await readStorageServers(tables, id);
  if (server === undefined) throw notFound('storage server', id);
  return server;
}
