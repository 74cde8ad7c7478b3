import { z } from 'zod';
import { AccountName, FarPath } from '../option-types.ts';

/** Absolute and clean, so that it names one place within the backup as well. */
const DatabasePath = FarPath.refine(
  (path) =>
    path !== '/' &&
    path
      .split('/')
      .slice(1)
      .every((part) => part !== '' && part !== '.' && part !== '..'),
  'Give a path without `.`, `..` and double slashes.',
);

export const SqliteOptions = z.strictObject({
  /** The files of the databases on the host. */
  paths: z.array(DatabasePath).min(1).max(1000),
  /** Account of the host to run the program as. It needs the right to write the folder of a database in WAL mode that nobody has open. */
  runAs: AccountName.optional(),
  /** Folder of `sqlite3` on the host. */
  toolFolder: FarPath.optional(),
  /**
   * `backup`: page by page, begins again when somebody writes meanwhile. `vacuum-into`: in one reading transaction, without free pages, may give
   * rows without a key of their own another rowid.
   */
  method: z.enum(['backup', 'vacuum-into']).default('backup'),
  /** How long to wait for somebody who holds the database. */
  busySeconds: z.int().min(0).max(3600).default(30),
  concurrency: z.int().min(1).max(16).default(2),
});
export type SqliteOptions = z.output<typeof SqliteOptions>;
