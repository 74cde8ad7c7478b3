import type { LocalFile, LocalFiles } from './local-files.ts';

interface Content {
  /** As the running system sees it. */
  bytes: Uint8Array;
  /** What the disk surely has. */
  durable: Uint8Array;
}

interface Directory {
  /** As the running system sees it. */
  readonly names: Map<string, Content | Directory>;
  /** What each name may lead to after a power cut: the durable choice first, then each later one that is not synced. `undefined`: nothing. */
  readonly survivors: Map<string, (Content | Directory | undefined)[]>;
}

/**
 * A file system in memory, for tests, that knows what may be left after a power cut: what was synced, surely; of the rest any part, in any
 * order, as real file systems do it. Of content that is not synced: what was durable, nothing, or any piece of the new.
 */
export class PowerCutFiles implements LocalFiles {
  readonly #root: Directory = newDirectory();
  /** The calls so far, in order, as "rename to config". */
  readonly calls: string[] = [];
  /** Called after each call: the moment of a cut. */
  afterCall: () => void = () => undefined;
  /** Whether syncs do what they promise. A test without it shows that the tests would notice. */
  readonly syncs: { readonly file: boolean; readonly directory: boolean };

  constructor(syncs: { readonly file: boolean; readonly directory: boolean } = { file: true, directory: true }) {
    this.syncs = syncs;
  }

  async makeDirectory(path: string): Promise<void> {
    const { parent, name } = this.#at(path);
    if (parent.names.has(name) || name === '') throw errno('EEXIST', path);
    this.#put(parent, name, newDirectory());
    this.#called(`mkdir ${path}`);
  }

  async createFile(path: string): Promise<LocalFile> {
    const { parent, name } = this.#at(path);
    if (parent.names.has(name)) throw errno('EEXIST', path);
    const content: Content = { bytes: new Uint8Array(0), durable: new Uint8Array(0) };
    this.#put(parent, name, content);
    this.#called(`create ${path}`);
    return {
      append: async (parts) => {
        content.bytes = Uint8Array.from(Buffer.concat([content.bytes, ...parts]));
        this.#called(`write ${path}`);
      },
      sync: async () => {
        if (this.syncs.file) content.durable = content.bytes;
        this.#called(`sync ${path}`);
      },
      close: async () => this.#called(`close ${path}`),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.#at(from);
    const target = this.#at(to);
    const entry = source.parent.names.get(source.name);
    if (entry === undefined) throw errno('ENOENT', from);
    this.#put(source.parent, source.name, undefined);
    this.#put(target.parent, target.name, entry);
    this.#called(`rename ${from} to ${to}`);
  }

  async remove(path: string): Promise<void> {
    const { parent, name } = this.#at(path);
    if (!parent.names.has(name)) throw errno('ENOENT', path);
    this.#put(parent, name, undefined);
    this.#called(`remove ${path}`);
  }

  async setMode(path: string): Promise<void> {
    this.#called(`chmod ${path}`);
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this.#directory(path);
    if (this.syncs.directory) for (const name of directory.survivors.keys()) directory.survivors.set(name, [directory.names.get(name)]);
    this.#called(`sync ${path}`);
  }

  /** Everything that may be at the path after a power cut now; `undefined` stands for nothing. Torn content is there as two pieces of it. */
  afterPowerCut(path: string): (Uint8Array | undefined)[] {
    let places: (Content | Directory | undefined)[] = [this.#root];
    for (const name of path.split('/').filter((part) => part !== '')) {
      places = places.flatMap((place) =>
        place === undefined || !('survivors' in place) ? [undefined] : (place.survivors.get(name) ?? [undefined]),
      );
    }
    return places.flatMap((place) => (place === undefined || 'survivors' in place ? [undefined] : contents(place)));
  }

  /** The names in a directory, as the running system sees them. */
  names(path: string): string[] {
    return [...this.#directory(path).names.keys()];
  }

  #put(parent: Directory, name: string, entry: Content | Directory | undefined): void {
    const before = parent.names.get(name);
    if (entry === undefined) parent.names.delete(name);
    else parent.names.set(name, entry);
    parent.survivors.set(name, [...(parent.survivors.get(name) ?? [before]), entry]);
  }

  #called(call: string): void {
    this.calls.push(call);
    this.afterCall();
  }

  #at(path: string): { parent: Directory; name: string } {
    const cut = path.lastIndexOf('/');
    return { parent: this.#directory(path.slice(0, cut)), name: path.slice(cut + 1) };
  }

  #directory(path: string): Directory {
    let place: Content | Directory = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next: Content | Directory | undefined = 'names' in place ? place.names.get(name) : undefined;
      if (next === undefined || !('names' in next)) throw errno('ENOENT', path);
      place = next;
    }
    return place as Directory;
  }
}

function newDirectory(): Directory {
  return { names: new Map(), survivors: new Map() };
}

function contents(content: Content): Uint8Array[] {
  const { bytes, durable } = content;
  if (Buffer.compare(bytes, durable) === 0) return [durable];
  return [durable, new Uint8Array(0), bytes.subarray(0, bytes.byteLength >> 1), new Uint8Array(bytes.byteLength), bytes];
}

function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'test', path });
}
