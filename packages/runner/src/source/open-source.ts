import { resolve } from 'node:path';
import type { Host } from '@holdfast/connect/port';
import type { BackupPlan, DumpSource, FilesSource } from '@holdfast/contract';
import { absolutePath, type BackupOptions, type EntrySource, escapePattern, pathBytes, targetExists } from '@holdfast/engine';
import type { RunContext } from '../plan/run-context.ts';
import { placeOfDumps } from './place-of-dumps.ts';

/** A source that is ready to be read, in the terms of the engine's `backup`. */
export interface OpenSource {
  /** What is to be in the snapshot, each place once. */
  readonly roots: readonly string[];
  /** Those of them that are there, as far as that is known before reading: earlier snapshots of the same are found by them. */
  readonly present: () => readonly string[];
  /** Undefined: the files of this machine, which the engine reads itself. */
  readonly entries: EntrySource | undefined;
  readonly exclusions: NonNullable<BackupOptions['exclusions']>;
  /** The patterns among them, as the snapshot names them. */
  readonly excludes: readonly string[];
  readonly oneFileSystem: boolean;
  /** Does the reading with what has to be done before and after it. */
  readonly around: (reading: () => Promise<void>) => Promise<void>;
}

/** A source before anything is done around its reading. */
type BareSource = Omit<OpenSource, 'around'>;

/** Goes to where the source is, if it is elsewhere, and finds out how it can be read there. What it opens is closed with the stack. */
export async function openSource(plan: BackupPlan, context: RunContext, stack: AsyncDisposableStack): Promise<OpenSource> {
  const { source, chain } = plan;
  if (source.driver === 'files' && chain.length === 0 && plan.hooks.length === 0)
    return { ...filesHere(plan, source, context), around: async (reading) => await reading() };
  context.teller.advance({ step: 'Connecting to the source' });
  // Most backups need none of this.
  const [{ openLinks }, { RunHooks }] = await Promise.all([import('../chain/open-links.ts'), import('./run-hooks.ts')]);
  const places: Host[] = [];
  const host = stack.use(await openLinks(chain, { signal: context.signal, onPlace: (place) => places.push(place) }));
  if (chain.length > 0) context.teller.log('info', `Reached ${host.description}`);
  const hooks = new RunHooks(plan.hooks, places, context);
  const around: OpenSource['around'] = async (reading) => await hooks.around(reading);
  const files = async (from: FilesSource): Promise<BareSource> =>
    chain.length === 0 ? filesHere(plan, from, context) : await filesThere(from, host, context);
  if (source.driver === 'files') return { ...(await files(source)), around };
  if (source.driver !== 'docker-volume') return { ...(await dumps(source, plan.sourcePassword, host, context)), around };
  const { openVolumes } = await import('./open-volumes.ts');
  const volumes = await openVolumes(source, host, context);
  return { ...(await files(volumes.files)), around: async (reading) => await around(async () => await volumes.atRest(reading)) };
}

function filesHere(plan: BackupPlan, source: FilesSource, context: RunContext): BareSource {
  const roots = rootsOf(source);
  const own = ownPlaces(plan, roots);
  for (const { name, path } of own) context.teller.log('info', `Left out ${path}, where the storage server ${name} keeps its files`);
  const excludes = [...source.excludes, ...own.map(({ path }) => escapePattern(pathBytes(path)))];
  const present = (): string[] => roots.map(pathBytes).filter(targetExists).map(absolutePath);
  return { roots, present, entries: undefined, ...rulesOf(source, excludes) };
}

async function filesThere(source: FilesSource, host: Host, { signal, teller }: RunContext): Promise<BareSource> {
  const { FileSource } = await import('@holdfast/source/files');
  const entries = await FileSource.open(host, { signal });
  if (entries.missingMetadata.length > 0)
    teller.log('info', `Read there without these: ${entries.missingMetadata.map((name) => name.replaceAll('-', ' ')).join(', ')}`);
  const roots = rootsOf(source);
  return { roots, present: () => roots, entries, ...rulesOf(source, source.excludes) };
}

async function dumps(source: DumpSource, password: string | null, host: Host, { clock, random }: RunContext): Promise<BareSource> {
  const [{ makeDriver }, { DumpEntries }] = await Promise.all([import('./make-driver.ts'), import('./dump-entries.ts')]);
  const driver = makeDriver(source, password, { clock, random });
  const place = placeOfDumps(source);
  const entries = new DumpEntries(driver, { host, place, nowNs: clock.nowNs() });
  return { roots: [place], present: () => [place], entries, exclusions: {}, excludes: [], oneFileSystem: false };
}

function rootsOf(source: FilesSource): string[] {
  return [...new Set(source.paths.map((path) => absolutePath(pathBytes(path))))];
}

function rulesOf(source: FilesSource, excludes: readonly string[]): Pick<OpenSource, 'exclusions' | 'excludes' | 'oneFileSystem'> {
  return {
    exclusions: {
      patterns: excludes,
      caches: source.excludeCaches,
      largerThanBytes: source.excludeLargerThanBytes ?? undefined,
    },
    excludes,
    oneFileSystem: source.oneFileSystem,
  };
}

/**
 * Directories of this plan's storage servers that lie inside of what is backed up: every run would store the one before once more. One that is
 * asked for by its own path is meant.
 */
function ownPlaces(plan: BackupPlan, roots: readonly string[]): { readonly name: string; readonly path: string }[] {
  const places = plan.destinations.flatMap(({ name, storage }) =>
    storage.driver === 'local' ? [{ name, path: resolve(storage.path) }] : [],
  );
  return places.filter(({ path }) => roots.some((root) => path.startsWith(root === '/' ? root : `${root}/`)) && !roots.includes(path));
}
