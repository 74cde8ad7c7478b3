import type { CallOptions, Host, Word } from '@holdfast/connect/port';
import { runToEnd, succeeded } from '@holdfast/connect/run';
import { CodedError } from '@holdfast/kernel';
import { collectComplaints, lastComplaints } from './complaints.ts';
import { GnuListingParser, gnuListingArgv } from './gnu-listing.ts';
import type { ListingKind } from './list-files.ts';
import type { MissingMetadata } from './listed-entry.ts';
import type { PackingKind } from './read-files.ts';
import { StatListingParser, statListingArgv } from './stat-listing.ts';

/** What the programs of a far side can do for a backup of files. */
export interface FarTools {
  readonly listing: ListingKind;
  readonly packing: PackingKind;
  /** Whether it can pack a listing. */
  readonly gzip: boolean;
  /** What a snapshot made with them will not have of its entries. */
  readonly missingMetadata: readonly MissingMetadata[];
}

/** No listing that this far side can make tells these. */
export const neverListed: readonly MissingMetadata[] = ['extended-attributes', 'access-control-lists', 'access-times'];

/**
 * Finds out what is there by using it on the root directory: what a program says of its version is not what it can do. `tool-missing` where
 * neither way to list works. The time limit is for each command.
 */
export async function findFarTools(host: Host, options: CallOptions = {}): Promise<FarTools> {
  const root = { targets: [Buffer.from('/')], onTheWay: [], oneFileSystem: false, shallow: true, gzip: false };
  const tried: string[] = [];
  const [packing, gzip] = await Promise.all([packingKind(host, options), hasGzip(host, options)]);
  const gnu = new GnuListingParser();
  if (await lists(host, gnuListingArgv(root), gnu, tried, options)) {
    return { listing: 'gnu', packing, gzip, missingMetadata: neverListed };
  }
  const stat = new StatListingParser();
  if (await lists(host, statListingArgv(root), stat, tried, options)) {
    const missingMetadata: readonly MissingMetadata[] = stat.hasNanoseconds ? neverListed : [...neverListed, 'nanoseconds'];
    return { listing: 'stat', packing, gzip, missingMetadata };
  }
  throw new CodedError({
    code: 'tool-missing',
    message: `Files on ${host.description} cannot be listed with what is there: ${tried.join('; ')}`,
    hint: 'It takes a shell and the find of GNU or the find and stat of BusyBox.',
    context: { host: host.description },
  });
}

type Parser = GnuListingParser | StatListingParser;

async function lists(host: Host, argv: readonly Word[], parser: Parser, tried: string[], options: CallOptions): Promise<boolean> {
  await using running = await host.exec({ argv }, options);
  const complaining = collectComplaints(running.stderr);
  complaining.catch(() => undefined);
  running.exit.catch(() => undefined);
  const records: unknown[] = [];
  let refusal: unknown;
  for await (const bytes of running.stdout) {
    if (refusal !== undefined) continue;
    try {
      records.push(...parser.push(bytes));
    } catch (error) {
      if (!CodedError.is(error, 'source-incomplete')) throw error;
      refusal = error;
    }
  }
  const exit = await running.exit;
  const complaints = await complaining;
  if (refusal === undefined && exit.kind === 'exited' && exit.code === 0 && parser.code === 0 && records.length === 1) return true;
  tried.push(lastComplaints(complaints) || (refusal instanceof Error ? refusal.message : 'no answer'));
  return false;
}

async function packingKind(host: Host, options: CallOptions): Promise<PackingKind> {
  await using running = await host.exec({ argv: ['tar', '--version'], environment: { LC_ALL: 'C' } }, options);
  const complaining = collectComplaints(running.stderr);
  complaining.catch(() => undefined);
  running.exit.catch(() => undefined);
  const said = await collectComplaints(running.stdout);
  const complaints = await complaining;
  await running.exit;
  const text = [...said.lines, ...complaints.lines].map((line) => line.toString()).join('\n');
  if (/GNU tar/.test(text)) return 'gnu';
  return /busybox/i.test(text) ? 'busybox' : 'none';
}

/** Whether gzip packs nothing at all as it should. */
async function hasGzip(host: Host, options: CallOptions): Promise<boolean> {
  const { exit, stdout } = await runToEnd(host, { argv: ['gzip', '-1', '-c'], environment: { LC_ALL: 'C' } }, options);
  return succeeded(exit) && stdout[0] === 0x1f && stdout[1] === 0x8b;
}
