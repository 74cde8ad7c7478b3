import type { Kysely, Transaction } from 'kysely';
import type { ReadMemory } from './read-memory.ts';
import type { Schema } from './schema.ts';
import type { VersionCache } from './version-cache.ts';

/** Reads and writes tables: the database itself, or a transaction of it. */
export type Tables = Kysely<Schema> | Transaction<Schema>;

/** The open database of Holdfast: SQLite or PostgreSQL, with the same tables and the same promises. */
export interface Database extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres';
  readonly tables: Kysely<Schema>;
  /** What was worked out from rows that never change. */
  readonly versions: VersionCache;
  /** What was read outside of transactions and has not changed since. */
  readonly reads: ReadMemory;
  /**
   * Runs `work` in one transaction that sees no other half-done and whose result survives a power cut. Where two would conflict, one waits
   * or is tried again, so `work` may run more than once and does nothing but use the tables it is given.
   */
  transaction<T>(work: (tables: Transaction<Schema>) => Promise<T>): Promise<T>;
}
