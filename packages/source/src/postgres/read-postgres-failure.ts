import { type FailureReading, firstReading } from '../first-reading.ts';

/** In the order of preference: a program may say several things. They come from libpq and from the server, which speak English at LC_ALL=C. */
const readings: readonly (readonly [RegExp, FailureReading])[] = [
  [
    /certificate verify failed|server certificate for .* does not match|server does not support SSL|root certificate|SSL error/i,
    { code: 'source-untrusted', hint: "Give the source the server's authority (tlsAuthority), or name the host as its certificate does." },
  ],
  [
    /password authentication failed|no password supplied|no pg_hba\.conf entry|authentication failed for user|FATAL: +role "[^\n]*" (?:does not exist|is not permitted to log in)/i,
    { code: 'source-denied', hint: 'Correct the user or the password of the source, or let the user in (pg_hba.conf of the server).' },
  ],
  [
    /ERROR: +role "[^\n]*" does not exist/i,
    { code: 'target-unwritable', hint: 'Restore the roles as well (roles), or leave owners and rights out (owners).' },
  ],
  [
    /invalid command \\+(?:un)?restrict/i,
    { code: 'tool-too-old', hint: 'This psql is older than August 2025. Update it, or name the folder of a newer one (toolFolder).' },
  ],
  [
    /row-level security/i,
    { code: 'source-denied', hint: 'Give the role BYPASSRLS: rows that it may not see would be missing in the dump.' },
  ],
  [
    /permission denied|must be (?:superuser|owner|member)|insufficient privilege/i,
    {
      code: 'source-denied',
      hint: 'Give the role what docs/sources.md lists: pg_read_all_data (14 and later), or the rights to each table.',
    },
  ],
  [
    /server version mismatch|unsupported version \([^)]*\) in file header/i,
    { code: 'tool-too-old', hint: 'Name the folder (toolFolder) of programs that are at least as new as the server and the dump.' },
  ],
  [/database "[^\n]*" does not exist/i, { code: 'source-not-found', hint: 'Choose a database that is there, or bring it back.' }],
  [
    /canceling statement due to lock timeout/i,
    {
      code: 'source-unreachable',
      hint: 'Somebody holds a lock on a table. Wait for it, or allow more time (lockTimeoutSeconds).',
      again: true,
    },
  ],
  [
    /Connection refused|could not translate host name|timeout expired|failed: No such file or directory|Connection timed out|No route to host|Network is unreachable|the database system is (?:starting up|shutting down|in recovery)|server closed the connection|terminating connection|connection to server was lost|Connection reset|too many clients|remaining connection slots/i,
    { code: 'source-unreachable', hint: 'Look whether the server runs and takes connections at that host, port or socket.', again: true },
  ],
  [
    /No space left on device|could not (?:extend|write|write to) file|disk full/i,
    { code: 'target-unwritable', hint: "Make room on the server's disk and run again.", again: true },
  ],
  [/already exists/i, { code: 'target-occupied', hint: 'Restore into a database of another name.' }],
];

/** What PostgreSQL's programs mean by their words. */
export function readPostgresFailure(said: string): FailureReading | undefined {
  return firstReading(readings, said);
}
