import type { FailureReading } from '../source-errors.ts';

const denied: FailureReading = {
  code: 'source-denied',
  hint: 'Correct the user or the password of the source, or give the account the rights that docs/sources.md lists.',
};
const gone: FailureReading = {
  code: 'source-unreachable',
  hint: 'Look whether the server runs and takes connections at that host, port or socket.',
  again: true,
};
const untrusted: FailureReading = {
  code: 'source-untrusted',
  hint: "Give the source the server's authority (tlsAuthority), or name the host as its certificate does.",
};
const changed: FailureReading = {
  code: 'source-incomplete',
  hint: 'Somebody changed or removed a table while it was dumped. Run again when that is over.',
  again: true,
};
const full: FailureReading = { code: 'target-unwritable', hint: "Make room on the server's disk and run again.", again: true };

/** By the numbers of the server and of its client library, which are the same in every language. */
const readings: Readonly<Record<string, FailureReading>> = {
  1007: { code: 'target-occupied', hint: 'Restore into a database of another name.' },
  1021: full,
  1030: full,
  1040: gone,
  1044: denied,
  1045: denied,
  1049: { code: 'source-not-found', hint: 'Choose a database that is there, or bring it back.' },
  1053: gone,
  1114: full,
  1130: denied,
  1142: denied,
  1143: denied,
  1146: changed,
  1153: { code: 'target-unwritable', hint: 'Raise max_allowed_packet of the server: a row or a block of rows is larger than it takes.' },
  1227: denied,
  1356: { code: 'source-incomplete', hint: 'A view names something that is not there, or its definer is gone. Mend or drop the view.' },
  1370: denied,
  1412: changed,
  1698: denied,
  2002: gone,
  2003: gone,
  2005: gone,
  2006: gone,
  2013: gone,
  2026: untrusted,
  3159: { code: 'source-untrusted', hint: 'The server takes encrypted connections only: choose how (tls).' },
};
const number = /(?:error:?|errno:?|\() ?(\d{4})\b/gi;
const unknownOption = /unknown (?:variable|option)|ambiguous option/i;

/** What the programs of MySQL and MariaDB mean by their words. */
export function readMysqlFailure(said: string): FailureReading | undefined {
  for (const [, found = ''] of said.matchAll(number)) {
    const reading = readings[found];
    if (reading !== undefined) return reading;
  }
  if (unknownOption.test(said)) {
    return {
      code: 'tool-too-old',
      hint: 'The program does not know an option that it needs. Name the folder of a newer one (toolFolder).',
    };
  }
  return undefined;
}
