import { verifyTrailer } from '../verify-trailer.ts';

const ending = /\n-- Dump completed(?: on [^\n]*)?\n$/;

/** Passes a dump on; behind its end throws `source-incomplete` unless it ends as mysqldump and mariadb-dump end a whole one. */
export function verifyMysqlDump(bytes: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  return verifyTrailer(bytes, what, ({ tail }) =>
    ending.test(tail) ? undefined : 'the last line is not the one that every whole dump ends with',
  );
}
