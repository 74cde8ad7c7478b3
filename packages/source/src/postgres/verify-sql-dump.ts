import { type TextEnds, verifyTrailer } from '../verify-trailer.ts';

/** How pg_dump and pg_dumpall end a dump in SQL. `\unrestrict` follows where the program is of August 2025 or later. */
const endings = {
  database: /\n--\n-- PostgreSQL database dump complete\n--\n\n(?:\\unrestrict (\w+)\n\n)?$/,
  cluster: /\n--\n-- PostgreSQL database cluster dump complete\n--\n\n$/,
} as const;
const restriction = /^\\restrict (\w+)$/m;
const clusterRelease = /^\\unrestrict (\w+)$/m;

/** Passes a dump in SQL on; behind its end throws `source-incomplete` unless it ends as the program ends a whole one. */
export function verifySqlDump(bytes: AsyncIterable<Uint8Array>, what: string, kind: keyof typeof endings): AsyncGenerator<Uint8Array> {
  return verifyTrailer(bytes, what, (ends) => missing(ends, kind));
}

function missing({ head, tail }: TextEnds, kind: keyof typeof endings): string | undefined {
  const ending = endings[kind].exec(tail);
  if (ending === null) return 'the line is missing that every whole dump ends with';
  const key = restriction.exec(head)?.[1];
  if (key === undefined) return undefined;
  // The key is random, so that nothing within the dump can look like its end.
  const released = ending[1] ?? clusterRelease.exec(tail)?.[1];
  return released === key ? undefined : 'the key is missing at its end that its first lines announce';
}
