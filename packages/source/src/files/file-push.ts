import type { Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import type { FarTools } from './far-tools.ts';
import { listFiles } from './list-files.ts';
import type { MissingMetadata } from './listed-entry.ts';
import { chooseOverwrite, type ExistingEntry, existingEntry, type OverwriteRule, type SnapshotEntry } from './overwrite-choice.ts';
import { type PushProblem, unpackFiles } from './unpack-files.ts';

export interface FilePushOptions {
  readonly tools: FarTools;
  /** Absolute, clean path of the directory to restore into; made if it is missing. `/` for the original place. */
  readonly target: Uint8Array;
  /** Where below the target the entries lie, relative to it: nowhere else is looked what is there. Default: everywhere. */
  readonly places?: readonly Uint8Array[] | undefined;
  readonly overwrite: OverwriteRule;
  /** Changes nothing, and reports what would be done. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a restore through a chain may lack; `link-owners`: owners of symbolic links. */
export type LostMetadata = MissingMetadata | 'link-owners';

export interface FilePushReport {
  /** Entries of every kind that were written (in a dry run: would be), and the bytes of files among them. */
  readonly written: number;
  readonly writtenBytes: number;
  /** Left as they were by the overwrite rule. */
  readonly left: number;
  readonly problems: readonly PushProblem[];
}

const slash = Buffer.from('/');

/**
 * A restore of files through a chain. Ask `takes` for every entry of the snapshot, a directory before what it holds, make an archive of what it
 * takes, in `format`, and give that to `unpack`:
 * what is there is compared on this side, so that only what is to be written travels, and a rule holds whatever the far tar can do.
 */
export class FilePush {
  readonly #host: Host;
  readonly #options: FilePushOptions;
  readonly #existing: ReadonlyMap<string, ExistingEntry>;
  readonly #problems: PushProblem[] = [];
  #written = 0;
  #writtenBytes = 0;
  #left = 0;

  private constructor(host: Host, options: FilePushOptions, existing: ReadonlyMap<string, ExistingEntry>) {
    this.#host = host;
    this.#options = options;
    this.#existing = existing;
  }

  /** Lists what is at the target. The host stays the caller's. */
  static async open(host: Host, options: FilePushOptions): Promise<FilePush> {
    const { tools, target, signal } = options;
    if (tools.packing === 'none') {
      throw new CodedError({
        code: 'tool-missing',
        message: `Files cannot be restored to ${host.description}: it has no tar that Holdfast knows`,
        hint: 'Install GNU tar or BusyBox there, or restore to this machine and copy.',
      });
    }
    const existing = new Map<string, ExistingEntry>();
    const hasNanoseconds = !tools.missingMetadata.includes('nanoseconds');
    const places = withoutInner((options.places ?? [new Uint8Array(0)]).map((place) => placeAt(target, place)));
    // What is not there is no problem here, and what is on the way there is listed too: a link among it must be seen.
    for await (const item of listFiles(host, places, { kind: tools.listing, gzip: tools.gzip, oneFileSystem: false, signal })) {
      if (item.kind === 'entry') existing.set(keyOf(item.entry.path), existingEntry(item.entry, hasNanoseconds));
    }
    const root = existing.get(keyOf(target));
    if (root !== undefined && root.type !== 'dir') throw notADirectory(host, target);
    return new FilePush(host, options, existing);
  }

  /** The format of the archive to be made: BusyBox passes over the extended headers of pax. */
  get format(): 'pax' | 'gnu' {
    return this.#options.tools.packing === 'gnu' ? 'pax' : 'gnu';
  }

  /** What of the metadata will not be restored, for the report: it is not in the archive, or the far tar does not do it. */
  get missingMetadata(): readonly LostMetadata[] {
    const { packing } = this.#options.tools;
    return packing === 'gnu'
      ? ['access-times']
      : ['access-times', 'access-control-lists', 'extended-attributes', 'nanoseconds', 'link-owners'];
  }

  /** Whether the entry goes into the archive. Nothing below a directory that does not goes in either. */
  takes(path: Uint8Array, entry: SnapshotEntry): boolean {
    const { overwrite, dryRun } = this.#options;
    const choice = chooseOverwrite(overwrite, entry, this.#existing.get(this.#placeOf(path)));
    if (choice.kind === 'refuse') this.#problems.push({ path, kind: 'content', reason: choice.reason });
    if (choice.kind === 'leave') this.#left += 1;
    if (choice.kind !== 'write') return false;
    this.#written += 1;
    if (entry.type === 'file') this.#writtenBytes += entry.sizeBytes;
    // A dry run goes into directories, and has nothing loaded.
    return dryRun !== true || entry.type === 'dir';
  }

  /**
   * Unpacks the archive, in a dry run only reads it. Items that could not be restored are problems; it rejects when the whole failed: with the
   * error of the archive, with `target-unwritable`, or with what befell the chain.
   */
  async unpack(archive: AsyncIterable<Uint8Array>): Promise<FilePushReport> {
    const { tools, target, dryRun, signal } = this.#options;
    if (dryRun === true) for await (const _ of archive) signal?.throwIfAborted();
    else this.#problems.push(...(await unpackFiles(this.#host, archive, { packing: tools.packing, target, signal })));
    return { written: this.#written, writtenBytes: this.#writtenBytes, left: this.#left, problems: this.#problems };
  }

  #placeOf(path: Uint8Array): string {
    return keyOf(placeAt(this.#options.target, path));
  }
}

function placeAt(target: Uint8Array, path: Uint8Array): Buffer {
  if (path.byteLength === 0) return Buffer.from(target);
  return target.byteLength === 1 ? Buffer.concat([slash, path]) : Buffer.concat([target, slash, path]);
}

/** The paths that lie below none of the others. */
function withoutInner(paths: readonly Buffer[]): Buffer[] {
  const keys = [...new Set(paths.map(keyOf))];
  const isBelow = (path: string, other: string): boolean => path !== other && path.startsWith(other === '/' ? other : `${other}/`);
  return keys.filter((path) => !keys.some((other) => isBelow(path, other))).map((path) => Buffer.from(path, 'latin1'));
}

function keyOf(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
}

function notADirectory(host: Host, target: Uint8Array): CodedError {
  return new CodedError({
    code: 'target-unwritable',
    message: `${JSON.stringify(Buffer.from(target).toString())} on ${host.description} is not a directory`,
    hint: 'Name a directory by its real path, not through a symbolic link.',
  });
}
