import type { ExclusionRules } from '../backup/exclusion-rules.ts';
import { directoryTags, Exclusions } from '../backup/exclusions.ts';
import type { EntrySource, ListedEntry } from './entry-source.ts';
import type { OpenDirectory } from './open-directory.ts';

export interface SelectionOptions {
  readonly source: EntrySource;
  readonly targets: readonly Buffer[];
  readonly rules: ExclusionRules;
  readonly oneFileSystem: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What of a listing is backed up: the rules of the walker of this machine, with what must be read of files asked of the source first. */
export class EntrySelection {
  readonly #exclusions: Exclusions;
  readonly #targets: ReadonlySet<string>;
  /** Directories that are caches by a tag, and the name that is kept of each. */
  readonly #tagged: ReadonlyMap<string, Buffer>;
  readonly #devices: Set<bigint> | undefined;

  private constructor(exclusions: Exclusions, targets: ReadonlySet<string>, tagged: ReadonlyMap<string, Buffer>, oneFileSystem: boolean) {
    this.#exclusions = exclusions;
    this.#targets = targets;
    this.#tagged = tagged;
    this.#devices = oneFileSystem ? new Set() : undefined;
  }

  static async open({ source, targets, rules, oneFileSystem, signal }: SelectionOptions): Promise<EntrySelection> {
    const tagged = new Map<string, Buffer>();
    for (const tag of directoryTags(rules)) {
      const options = { oneFileSystem, ...(signal === undefined ? {} : { signal }) };
      for await (const directory of source.findTagged(targets, tag, options)) {
        const key = Buffer.from(directory).toString('latin1');
        if (!tagged.has(key)) tagged.set(key, tag.name);
      }
    }
    const exclusions = new Exclusions({ ...rules, caches: false, ifPresent: [] });
    return new EntrySelection(exclusions, new Set(targets.map((target) => target.toString('latin1'))), tagged, oneFileSystem);
  }

  isTarget(path: Uint8Array): boolean {
    return this.#targets.has(Buffer.from(path).toString('latin1'));
  }

  /** Whether the entry is stored. A target always is, and the file systems of targets are those that are entered. */
  takes(directory: OpenDirectory, entry: ListedEntry, name: Buffer): boolean {
    if (this.isTarget(entry.path)) {
      this.#devices?.add(entry.deviceId);
      return true;
    }
    if (!directory.mayEnter) return false;
    const kept = this.#tagged.size === 0 ? undefined : this.#tagged.get(directory.path.toString('latin1'));
    if (kept !== undefined && !kept.equals(name)) return false;
    if (!this.mayEnter(entry) && entry.type !== 'dir') return false;
    if (this.#exclusions.hasPatterns && this.#exclusions.excludesPath(Buffer.from(entry.path))) return false;
    return entry.type !== 'file' || !this.#exclusions.excludesSize(entry.sizeBytes ?? 0);
  }

  /** Whether the entry lies on a file system that is backed up. */
  mayEnter(entry: ListedEntry): boolean {
    return this.#devices === undefined || this.#devices.has(entry.deviceId);
  }
}
