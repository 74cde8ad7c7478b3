import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import {
  type Caller,
  ChangeBus,
  type ControlContext,
  type Database,
  MasterKey,
  MasterKeySealer,
  migrate,
  openPostgres,
  openSqlite,
} from '@holdfast/control';
import { ManualClock, systemRandom } from '@holdfast/kernel';
import { PostgresServer, whyNoPostgres } from './postgres.ts';

/** A control plane with a database that nobody used before. */
export interface ControlWorld extends AsyncDisposable {
  readonly database: Database;
  readonly context: ControlContext;
  readonly clock: ManualClock;
  readonly caller: Caller;
  /** The path or URL of the database. */
  readonly place: string;
  /** Opens the same database once more, as another process would. Whoever does so closes it. */
  openAgain(): Promise<Database>;
}

export interface DatabaseSource {
  readonly kind: Database['kind'];
  /** A migrated database, and all that verbs work with: the clock stands at 2026-11-25T12:00:00Z until it is advanced. */
  open(): Promise<ControlWorld>;
  /** An empty database, which nobody migrated. */
  openEmpty(): Promise<ControlWorld>;
}

/**
 * Runs a suite on SQLite and on a real PostgreSQL:
 *
 *     withDatabases('runs', ({ open }) => {
 *       test('…', async () => {
 *         await using world = await open();
 *       });
 *     });
 *
 * Where there is no PostgreSQL that half is skipped, and under CI it fails.
 */
export function withDatabases(name: string, suite: (source: DatabaseSource) => void): void {
  void describe(`${name}, on SQLite`, () => suite(source('sqlite', sqlitePlace)));
  const reason = whyNoPostgres();
  const server = new PostgresServer();
  void describe(`${name}, on PostgreSQL`, { skip: reason ?? false }, () => suite(source('postgres', () => postgresPlace(server))));
}

/** Where a database is, and how to reach it. */
interface Place extends AsyncDisposable {
  readonly name: string;
  open(): Promise<Database>;
}

async function sqlitePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-control-'));
  const path = join(folder, 'holdfast.sqlite');
  return {
    name: path,
    open: async () => await openSqlite(path),
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  };
}

async function postgresPlace(server: PostgresServer): Promise<Place> {
  const fresh = await server.createDatabase();
  return {
    name: fresh.url,
    open: async () => await openPostgres(fresh.url),
    [Symbol.asyncDispose]: async () => await fresh[Symbol.asyncDispose](),
  };
}

function source(kind: Database['kind'], makePlace: () => Promise<Place>): DatabaseSource {
  const openEmpty = async (): Promise<ControlWorld> => {
    await using cleanup = new AsyncDisposableStack();
    const place = cleanup.use(await makePlace());
    const database = cleanup.use(await place.open());
    const clock = new ManualClock(BigInt(Date.UTC(2026, 10, 25, 12)) * 1_000_000n);
    const random = systemRandom;
    const sealer = new MasterKeySealer(new MasterKey(random.bytes(32)), random);
    const context = { database, clock, random, sealer, changes: new ChangeBus() };
    const held = cleanup.move();
    return {
      database,
      context,
      clock,
      caller: { actor: 'tester@example.org', requestId: 'request-1' },
      place: place.name,
      openAgain: async () => await place.open(),
      [Symbol.asyncDispose]: async () => await held.disposeAsync(),
    };
  };
  const open = async (): Promise<ControlWorld> => {
    const world = await openEmpty();
    try {
      await migrate(world.database, 0);
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  };
  return { kind, open, openEmpty };
}
