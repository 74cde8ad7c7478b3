import type { Host } from '@holdfast/connect/port';
import type { EntrySource, ListedEntry } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import type { EntryMetadata, SourceDriver, SourceEntry } from '@holdfast/source/port';

/** A directory of dumps while it is put together: what it holds, by name. */
type Folder = Map<string, Folder | SourceEntry>;

type Listing = ReturnType<EntrySource['list']>;
type Reading = ReturnType<EntrySource['read']>;

/**
 * What a driver pulls, as entries that the engine backs up: `about.json` at `/postgres/about.json`, if `/postgres` is the place. Every content
 * is read in every backup, several side by side as the driver lets them; one that fails ends the backup, since a dump that is not whole is none.
 */
export class DumpEntries implements EntrySource {
  readonly #driver: SourceDriver;
  readonly #host: Host;
  readonly #place: string;
  readonly #nowNs: bigint;
  readonly #listed = new Map<string, SourceEntry>();

  constructor(driver: SourceDriver, { host, place, nowNs }: { readonly host: Host; readonly place: string; readonly nowNs: bigint }) {
    this.#driver = driver;
    this.#host = host;
    this.#place = place;
    this.#nowNs = nowNs;
  }

  async *list(_targets: readonly Uint8Array[], { signal }: Parameters<EntrySource['list']>[1]): Listing {
    const top: Folder = new Map();
    for await (const entry of this.#driver.pull(this.#host, { signal })) put(top, partsOf(entry), entry);
    yield { kind: 'entry', entry: this.#directory(this.#place), onTheWay: false };
    yield* this.#walk(top, this.#place);
  }

  async *read(files: readonly ListedEntry[], { signal }: Parameters<EntrySource['read']>[1]): Reading {
    for (const [index, { path }] of files.entries()) {
      const entry = this.#listed.get(Buffer.from(path).toString('latin1'));
      if (entry === undefined) throw misplaced(Buffer.from(path).toString());
      yield { kind: 'content', index, independent: true, mtimeNs: undefined, bytes: entry.open({ signal }) };
    }
  }

  async *findTagged(): ReturnType<EntrySource['findTagged']> {
    // Dumps are no caches.
  }

  *#walk(folder: Folder, path: string): Generator<{ kind: 'entry'; entry: ListedEntry; onTheWay: false }> {
    for (const [name, item] of [...folder].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const full = `${path}/${name}`;
      if (item instanceof Map) {
        yield { kind: 'entry', entry: this.#directory(full), onTheWay: false };
        yield* this.#walk(item, full);
      } else {
        this.#listed.set(Buffer.from(full).toString('latin1'), item);
        yield { kind: 'entry', entry: listed(full, item.metadata), onTheWay: false };
      }
    }
  }

  #directory(path: string): ListedEntry {
    const [numbers, names] = [
      { uid: 0, gid: 0, inode: 0n, deviceId: 0n, device: 0n },
      { user: '', group: '' },
    ];
    const times = { mtimeNs: this.#nowNs, ctimeNs: this.#nowNs };
    return {
      path: Buffer.from(path),
      type: 'dir',
      permissions: 0o700,
      sizeBytes: undefined,
      links: 1,
      linkTarget: undefined,
      ...numbers,
      ...names,
      ...times,
    };
  }
}

function listed(path: string, metadata: EntryMetadata): ListedEntry {
  return { ...metadata, path: Buffer.from(path) };
}

/** A driver's paths are text, since it makes them itself. */
function partsOf({ path }: SourceEntry): string[] {
  const text = typeof path === 'string' ? path : Buffer.from(path).toString();
  const parts = text.split('/').filter((part) => part !== '');
  if (parts.length === 0 || parts.includes('.') || parts.includes('..')) throw misplaced(text);
  return parts;
}

function put(folder: Folder, [name = '', ...rest]: readonly string[], entry: SourceEntry): void {
  const there = folder.get(name);
  if (rest.length === 0) {
    if (there !== undefined) throw misplaced(name);
    folder.set(name, entry);
    return;
  }
  if (there !== undefined && !(there instanceof Map)) throw misplaced(name);
  const inner: Folder = there ?? new Map();
  folder.set(name, inner);
  put(inner, rest, entry);
}

function misplaced(path: string): CodedError {
  return new CodedError({ code: 'internal', message: `A source driver gave ${JSON.stringify(path)}, which has no place in a backup` });
}
