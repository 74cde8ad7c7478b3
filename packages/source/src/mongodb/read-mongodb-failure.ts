import { firstReading } from '../first-reading.ts';
import type { FailureReading } from '../source-errors.ts';

const readings: readonly (readonly [RegExp, FailureReading])[] = [
  [
    /x509|certificate|tls: |SSL/i,
    { code: 'source-untrusted', hint: "Give the source the server's authority (tlsAuthority), or name the host as its certificate does." },
  ],
  [
    /auth(?:entication)? (?:error|failed)|unable to authenticate|not authorized|Unauthorized|requires authentication/i,
    { code: 'source-denied', hint: 'Correct the user or the password, or give the user the role `backup` (for a restore `restore`).' },
  ],
  [
    /oplog overflow|oplog (?:has )?rolled over/i,
    { code: 'source-incomplete', hint: 'The operation log is too small for a dump of that length: make it larger.', again: true },
  ],
  [
    /server selection (?:error|timeout)|connection refused|no reachable servers|could not connect|i\/o timeout|connection reset/i,
    { code: 'source-unreachable', hint: 'Look whether the server runs and takes connections at that host and port.', again: true },
  ],
  [
    /unknown (?:flag|option)|error parsing command line/i,
    { code: 'tool-too-old', hint: 'Name the folder of newer programs (toolFolder).' },
  ],
];

/** What MongoDB's programs mean by their words, which are English everywhere. */
export function readMongodbFailure(said: string): FailureReading | undefined {
  return firstReading(readings, said);
}
