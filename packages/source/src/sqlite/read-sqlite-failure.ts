import { firstReading } from '../first-reading.ts';
import type { FailureReading } from '../source-errors.ts';

const readings: readonly (readonly [RegExp, FailureReading])[] = [
  [
    /database or disk is full|disk I\/O error/i,
    {
      code: 'source-incomplete',
      hint: 'The copy needs as much room as the database in the folder for temporary files of that host (TMPDIR, else /tmp).',
      again: true,
    },
  ],
  [
    /database is locked|database table is locked|source database is busy/i,
    {
      code: 'source-unreachable',
      hint: 'Somebody holds the database. Allow more time (busySeconds), or use the other method.',
      again: true,
    },
  ],
  [
    /file is not a database|file is encrypted/i,
    { code: 'source-incomplete', hint: 'That file is no SQLite database: back it up as a file.' },
  ],
  [
    /malformed/i,
    { code: 'source-incomplete', hint: 'The database itself is damaged: restore an older copy, or recover it with `.recover`.' },
  ],
  [
    /unable to open database|permission denied|readonly database|attempt to write a readonly/i,
    { code: 'source-denied', hint: 'Give the account the right to the file and its folder, or name another account (runAs).' },
  ],
  [/unknown option|unknown command/i, { code: 'tool-too-old', hint: 'Name the folder (toolFolder) of sqlite3 3.27 or later.' }],
];

/** What sqlite3 means by its words, which are English everywhere. */
export function readSqliteFailure(said: string): FailureReading | undefined {
  return firstReading(readings, said);
}
