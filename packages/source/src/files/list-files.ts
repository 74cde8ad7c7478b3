import type { Host } from '@holdfast/connect/port';
import { collectComplaints, lastComplaints, problemIn } from './complaints.ts';
import { GnuListingParser, gnuListingArgv, type ListingParser } from './gnu-listing.ts';
import { gunzip } from './gunzip.ts';
import type { ListedItem } from './listed-entry.ts';
import { sourceIncomplete } from './source-incomplete.ts';
import { StatListingParser, statListingArgv } from './stat-listing.ts';

/** How the far side lists: with GNU find, or with the find and stat of BusyBox. */
export type ListingKind = 'gnu' | 'stat';

export interface ListFilesOptions {
  readonly kind: ListingKind;
  /** Whether the far side has gzip. */
  readonly gzip: boolean;
  readonly oneFileSystem: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lists everything at and below the targets (absolute, clean paths, none below another), after the directories on the way to them: each
 * directory before what it holds, and everything below it before what lies beside it. Throws `source-incomplete` unless the listing is
 * proven to be whole: by its end marker, by the exit code, and by a reason for each exit code that is not 0.
 */
export async function* listFiles(
  host: Host,
  targets: readonly Uint8Array[],
  { kind, gzip, oneFileSystem, signal }: ListFilesOptions,
): AsyncGenerator<ListedItem, void, undefined> {
  const parser: ListingParser = kind === 'gnu' ? new GnuListingParser() : new StatListingParser();
  const command = { targets, onTheWay: directoriesOnTheWay(targets), oneFileSystem, gzip };
  const argv = kind === 'gnu' ? gnuListingArgv(command) : statListingArgv(command);
  await using running = await host.exec({ argv }, { signal });
  const complaining = collectComplaints(running.stderr);
  complaining.catch(() => undefined);
  running.exit.catch(() => undefined);
  let problems = 0;
  const what = `The listing of files on ${host.description}`;
  for await (const bytes of gzip ? gunzip(running.stdout, what) : running.stdout) {
    for (const record of parser.push(bytes)) {
      if (record.kind === 'entry') {
        yield record;
        continue;
      }
      problems += 1;
      yield { kind: 'problem', problem: { path: record.path, kind: 'unreadable', reason: 'Permission denied' } };
    }
  }
  const exit = await running.exit;
  const complaints = await complaining;
  const fallback = targets[0] ?? Buffer.from('/');
  for (const line of complaints.lines) {
    const problem = problemIn(line, fallback);
    if (problem === undefined) continue;
    problems += 1;
    yield { kind: 'problem', problem };
  }
  const incomplete = (why: string): Error => sourceIncomplete(what, why, lastComplaints(complaints));
  if (complaints.dropped > 0) throw incomplete(`${complaints.dropped} more files could not be listed`);
  if (exit.kind === 'signalled') throw incomplete(`it was ended by ${exit.signal}`);
  if (parser.code === undefined) throw incomplete(`its end is missing (code ${exit.code})`);
  if (exit.code !== (gzip ? 0 : parser.code) || parser.code > 1) throw incomplete(`it ended with code ${parser.code} (${exit.code})`);
  if (parser.code !== 0 && problems === 0) throw incomplete('it failed without saying why');
}

/** The directories above the targets, the upper ones first, without the root. */
export function directoriesOnTheWay(targets: readonly Uint8Array[]): Buffer[] {
  const paths = new Set<string>();
  for (const target of targets) {
    const text = Buffer.from(target).toString('latin1');
    for (let at = text.indexOf('/', 1); at >= 0; at = text.indexOf('/', at + 1)) paths.add(text.slice(0, at));
  }
  return [...paths].sort().map((path) => Buffer.from(path, 'latin1'));
}
