import { BackupConfig, MaintenancePlan, type StorageStatus } from '@holdfast/contract';
import { type ControlContext, newId, nowMs } from '@holdfast/control';
import { Secret } from '@holdfast/kernel';

/** Writes a storage server into the database, as its verbs would; returns its id. */
export async function addStorageServer(context: ControlContext, name: string): Promise<string> {
  const id = newId(context);
  const status: StorageStatus = {
    reachable: true,
    checkedMs: null,
    usedBytes: null,
    freeBytes: null,
    snapshots: null,
    latencyMs: null,
    error: null,
    lastCheckedWholeMs: null,
    lastReadDataMs: null,
  };
  await context.database.tables
    .insertInto('storage_server')
    .values({
      id,
      name,
      options: JSON.stringify({ driver: 'local', path: `/backups/${name}` }),
      password: context.sealer.seal(new Secret(`password of ${name}`), { table: 'storage_server', id, column: 'password' }),
      repository_id: `repository of ${name}`,
      maintenance: JSON.stringify(MaintenancePlan.parse({})),
      created_ms: nowMs(context.clock),
      recovery_key_taken_ms: null,
      status: JSON.stringify(status),
    })
    .execute();
  return id;
}

/** Writes a backup into the database, as its verbs would; returns its id. */
export async function addBackup(
  context: ControlContext,
  name: string,
  storageServerIds: readonly string[],
  changes: Partial<BackupConfig> = {},
): Promise<string> {
  const id = newId(context);
  const config = BackupConfig.parse({
    name,
    source: { driver: 'files', paths: ['/data'] },
    storageServerIds,
    schedule: null,
    timeZone: 'UTC',
    retention: {},
    retries: { times: 0, pauseMinutes: 1 },
    ...changes,
  });
  const now = nowMs(context.clock);
  const { tables } = context.database;
  await tables
    .insertInto('backup')
    .values({ id, name, version: 1, paused: 0, created_ms: now, scheduled_until_ms: now, failures_in_row: 0 })
    .execute();
  await tables
    .insertInto('backup_version')
    .values({ backup_id: id, version: 1, config: JSON.stringify(config), changed_ms: now, changed_by: 'tester' })
    .execute();
  for (const storageServerId of storageServerIds) {
    await tables.insertInto('backup_destination').values({ backup_id: id, storage_server_id: storageServerId }).execute();
  }
  return id;
}

/** Sets up Telegram, so that notices are written. */
export async function enableTelegram(context: ControlContext): Promise<void> {
  const token = context.sealer.seal(new Secret('123456:token'), { table: 'setting', id: 'telegram', column: 'token' });
  await context.database.tables
    .insertInto('setting')
    .values({ key: 'telegram', value: JSON.stringify({ enabled: true, chat: '-1001', token }) })
    .execute();
}
