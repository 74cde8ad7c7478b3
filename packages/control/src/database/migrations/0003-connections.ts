import type { Kysely } from 'kysely';

/** Connections, which of them a backup's chain goes over, and what a backup signs in with at its source. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('connection')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('options', 'text', (column) => column.notNull())
    .addColumn('secrets', 'text', (column) => column.notNull())
    .addColumn('secret_names', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('backup_connection')
    .addColumn('backup_id', 'text', (column) => column.notNull().references('backup.id').onDelete('cascade'))
    .addColumn('connection_id', 'text', (column) => column.notNull().references('connection.id').onDelete('restrict'))
    .addPrimaryKeyConstraint('backup_connection_key', ['backup_id', 'connection_id'])
    .execute();
  await schema.createIndex('backup_connection_by_connection').on('backup_connection').columns(['connection_id']).execute();
  await schema.alterTable('backup').addColumn('source_password', 'text').execute();
}
