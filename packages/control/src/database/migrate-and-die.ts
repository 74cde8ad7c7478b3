import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { openSqlite } from './open-sqlite.ts';

/** For tests: migrates the database that it is given and is killed in the middle of the second step. */
const place = process.argv[2] ?? '';
const database = place.startsWith('postgres:') ? await openPostgres(place) : await openSqlite(place);
await migrate(database, 2, [
  { name: '0001-first', up: async () => undefined },
  {
    name: '0002-second',
    up: async (tables) => {
      await tables.schema.createTable('second').addColumn('id', 'text').execute();
      await tables.schema.createTable('third').addColumn('id', 'text').execute();
      process.kill(process.pid, 'SIGKILL');
    },
  },
]);
