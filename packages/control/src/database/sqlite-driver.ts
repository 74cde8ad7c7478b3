import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type Clock, CodedError } from '@holdfast/kernel';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { sqliteError } from './sqlite-error.ts';

/** Statements that stay prepared; Holdfast has some hundred different ones. */
const mostStatements = 500;
/** How long another process may hold the database. SQLite's own waiting would stop this process for as long. */
const patienceMs = 10_000;
const pauseMs = 5;

/**
 * Kysely's way to the one connection of an SQLite database. Whoever asks while it is taken, for a query or for a whole transaction, waits for
 * his turn. A query past an open transaction of the same call would wait for itself: it is refused as `internal`.
 */
export class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  readonly #held = new AsyncLocalStorage<{ isOpen: boolean }>();
  #last: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#connection = new SqliteConnection(database, clock);
  }

  async init(): Promise<void> {
    // It is open already.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#refusePastTransaction();
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    this.#release = resolve;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#release();
  }

  /** Runs the body of a transaction so that a query past it is noticed. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const held = { isOpen: true };
    try {
      return await this.#held.run(held, work);
    } finally {
      held.isOpen = false;
    }
  }

  /**
   * Differs from before whenever a query of this connection may see something else: `total_changes` counts each row that it wrote, also by a
   * foreign key, and `data_version` the commits of others. Neither ever goes back. It does not wait for its turn: what a transaction that is
   * open has written is counted already, and whoever reads waits for its end. One that is undone leaves a mark for which nothing is known,
   * or what was read after its end. Changes of the schema are not counted: they happen before anything is read.
   */
  async mark(): Promise<string> {
    this.#refusePastTransaction();
    return await this.#connection.mark();
  }

  async beginTransaction(): Promise<void> {
    // At once for writing: a transaction that began by reading could not go on where another has written since.
    await this.#connection.run('BEGIN IMMEDIATE');
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.run('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    // After some failures (a full disk) SQLite has rolled back by itself.
    if (this.#database.isTransaction) await this.#connection.run('ROLLBACK');
  }

  async destroy(): Promise<void> {
    await this.#last;
    if (this.#database.isOpen) this.#database.close();
  }

  #refusePastTransaction(): void {
    if (this.#held.getStore()?.isOpen !== true) return;
    throw new CodedError({ code: 'internal', message: 'A transaction used the database past the tables that it was given' });
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  /** By their text, the least recently used first. */
  readonly #statements = new Map<string, { readonly statement: StatementSync; readonly returnsRows: boolean }>();

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return await this.#patiently(() => {
      const { statement, returnsRows } = this.#prepare(sql);
      const values = parameters as readonly SQLInputValue[];
      if (returnsRows) {
        const rows = statement.all(...values) as R[];
        return { rows, numAffectedRows: BigInt(rows.length) };
      }
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    });
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  async run(sql: string): Promise<void> {
    await this.#patiently(() => this.#database.exec(sql));
  }

  async mark(): Promise<string> {
    return await this.#patiently(() => {
      const others = this.#prepare('PRAGMA data_version').statement.get()?.['data_version'];
      const own = this.#prepare('SELECT total_changes() AS changes').statement.get()?.['changes'];
      return `${String(others)} ${String(own)}`;
    });
  }

  /** Does it again while another process holds the database. What came in between cannot be lost: nothing of it was done. */
  async #patiently<T>(work: () => T): Promise<T> {
    for (let waitedMs = 0; ; waitedMs += pauseMs) {
      try {
        return work();
      } catch (error) {
        const coded = sqliteError(error);
        if (!CodedError.is(coded, 'database-busy') || waitedMs >= patienceMs) throw coded;
      }
      await this.#clock.sleep(pauseMs);
    }
  }

  #prepare(sql: string): { readonly statement: StatementSync; readonly returnsRows: boolean } {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    const oldest = this.#statements.size > mostStatements ? this.#statements.keys().next().value : undefined;
    if (oldest !== undefined) this.#statements.delete(oldest);
    return prepared;
  }
}
