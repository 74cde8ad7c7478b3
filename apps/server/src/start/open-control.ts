import { join } from 'node:path';
import { ChangeBus, type ControlContext, type Database, loadMasterKey, migrate, nowMs, openPostgres, openSqlite } from '@holdfast/control';
import { systemClock, systemRandom } from '@holdfast/kernel';

export interface ControlPlaces {
  readonly dataDirectory: string;
  /** Of PostgreSQL; undefined for the file in the data directory. */
  readonly databaseUrl: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The control plane with its database, brought to the shape of this version, and the right master key. Disposing closes the database. */
export async function openControl(places: ControlPlaces): Promise<ControlContext & AsyncDisposable> {
  const { dataDirectory, databaseUrl, environment } = places;
  await using stack = new AsyncDisposableStack();
  const database: Database = stack.use(
    databaseUrl === undefined ? await openSqlite(join(dataDirectory, 'holdfast.sqlite')) : await openPostgres(databaseUrl),
  );
  await migrate(database, nowMs(systemClock));
  const sealer = await loadMasterKey({ database, dataDirectory, environment, random: systemRandom });
  const held = stack.move();
  return {
    database,
    clock: systemClock,
    random: systemRandom,
    sealer,
    changes: new ChangeBus(),
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}
