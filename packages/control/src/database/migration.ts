import type { Kysely } from 'kysely';
import type { Database } from './database.ts';

/** A step from one shape of the database to the next. It is never changed once it was published. */
export interface Migration {
  /** Its file's name: a number of four digits, and what it is about. */
  readonly name: string;
  /** Changes tables by what it is given and nothing else; it runs in a transaction together with the others that are due. */
  up(tables: Kysely<unknown>, kind: Database['kind']): Promise<void>;
}
