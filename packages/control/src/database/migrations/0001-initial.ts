import type { Kysely } from 'kysely';

/** Storage servers, backups, runs, snapshots, notices, settings and the audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('storage_server')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('options', 'text', (column) => column.notNull())
    .addColumn('password', 'text', (column) => column.notNull())
    .addColumn('repository_id', 'text', (column) => column.notNull())
    .addColumn('maintenance', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('recovery_key_taken_ms', 'bigint')
    .addColumn('status', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('backup')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('scheduled_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('failures_in_row', 'integer', (column) => column.notNull())
    .execute();
  await schema
    .createTable('backup_version')
    .addColumn('backup_id', 'text', (column) => column.notNull().references('backup.id').onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('config', 'text', (column) => column.notNull())
    .addColumn('changed_ms', 'bigint', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('backup_version_key', ['backup_id', 'version'])
    .execute();
  await schema
    .createTable('backup_destination')
    .addColumn('backup_id', 'text', (column) => column.notNull().references('backup.id').onDelete('cascade'))
    .addColumn('storage_server_id', 'text', (column) => column.notNull().references('storage_server.id').onDelete('restrict'))
    .addPrimaryKeyConstraint('backup_destination_key', ['backup_id', 'storage_server_id'])
    .execute();
  await schema
    .createTable('run')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('backup_id', 'text', (column) => column.references('backup.id').onDelete('set null'))
    .addColumn('storage_server_id', 'text', (column) => column.references('storage_server.id').onDelete('set null'))
    .addColumn('config_version', 'integer')
    .addColumn('trigger', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('fire_ms', 'bigint')
    .addColumn('due_ms', 'bigint', (column) => column.notNull())
    .addColumn('not_before_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('worker', 'text')
    .addColumn('lease_until_ms', 'bigint')
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('cancel_requested', 'integer', (column) => column.notNull())
    .addColumn('missed_count', 'integer', (column) => column.notNull())
    .addColumn('progress', 'text')
    .addColumn('reasons', 'text')
    .addColumn('error', 'text')
    .addColumn('files', 'bigint')
    .addColumn('bytes', 'bigint')
    .addColumn('added_bytes', 'bigint')
    .addColumn('item_count', 'bigint', (column) => column.notNull())
    .addColumn('report', 'text') // last, because it is large: lists read rows only up to the column before it
    .addUniqueConstraint('run_fire', ['backup_id', 'fire_ms'])
    .execute();
  // Each filter of the list of runs finds its page without sorting: `id` comes last.
  await schema.createIndex('run_by_backup_age').on('run').columns(['backup_id', 'id']).execute();
  await schema.createIndex('run_by_kind').on('run').columns(['kind', 'id']).execute();
  await schema.createIndex('run_by_outcome_age').on('run').columns(['outcome', 'id']).execute();
  await schema.createIndex('run_by_state_age').on('run').columns(['state', 'id']).execute();
  await schema.createIndex('run_by_backup').on('run').columns(['backup_id', 'kind', 'id']).execute();
  await schema.createIndex('run_by_storage_server').on('run').columns(['storage_server_id', 'id']).execute();
  await schema.createIndex('run_by_state').on('run').columns(['state', 'not_before_ms']).execute();
  await schema.createIndex('run_by_end').on('run').columns(['ended_ms', 'kind', 'outcome']).execute();
  await schema.createIndex('run_by_outcome').on('run').columns(['backup_id', 'kind', 'outcome', 'ended_ms']).execute();
  await schema
    .createTable('run_log')
    .addColumn('run_id', 'text', (column) => column.notNull().references('run.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('run_log_key', ['run_id', 'seq'])
    .execute();
  await schema
    .createTable('snapshot')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('snapshot_id', 'text', (column) => column.notNull())
    .addColumn('storage_server_id', 'text', (column) => column.notNull().references('storage_server.id').onDelete('cascade'))
    .addColumn('backup_id', 'text', (column) => column.references('backup.id').onDelete('set null'))
    .addColumn('run_id', 'text', (column) => column.references('run.id').onDelete('set null'))
    .addColumn('time_ms', 'bigint', (column) => column.notNull())
    .addColumn('files', 'bigint')
    .addColumn('bytes', 'bigint')
    .addColumn('added_bytes', 'bigint')
    .addColumn('complete', 'integer', (column) => column.notNull())
    .addColumn('pinned', 'integer', (column) => column.notNull())
    .addUniqueConstraint('snapshot_once', ['storage_server_id', 'snapshot_id'])
    .execute();
  await schema.createIndex('snapshot_by_backup').on('snapshot').columns(['backup_id', 'storage_server_id', 'time_ms']).execute();
  await schema.createIndex('snapshot_by_storage_server').on('snapshot').columns(['storage_server_id', 'time_ms', 'id']).execute();
  await schema.createIndex('snapshot_by_time').on('snapshot').columns(['time_ms', 'id']).execute();
  await schema.createIndex('snapshot_by_run').on('snapshot').columns(['run_id']).execute();
  await schema
    .createTable('notice')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('sender', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('next_attempt_ms', 'bigint')
    .addColumn('delivered_ms', 'bigint')
    .addColumn('error', 'text')
    .execute();
  await schema.createIndex('backup_destination_by_server').on('backup_destination').columns(['storage_server_id']).execute();
  await schema.createIndex('notice_by_state').on('notice').columns(['state', 'next_attempt_ms']).execute();
  await schema
    .createTable('setting')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('verb', 'text', (column) => column.notNull())
    .addColumn('object', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .execute();
}
