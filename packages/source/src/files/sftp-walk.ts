import type { SftpClient } from '@holdfast/connect/ssh';
import type { ListedEntry, ListedItem } from './listed-entry.ts';
import { sftpEntry, sftpProblem } from './sftp-entry.ts';

/** Directories whose content is asked for before its turn, so that not every round trip is waited for. */
const readAhead = 8;
const slash = Buffer.from('/');
const nothing: Inside = { items: [], directories: [] };

interface Inside {
  /** All but the directories. */
  readonly items: readonly ListedItem[];
  readonly directories: readonly ListedEntry[];
}

/** Lists what lies at and below a path: a directory, then what it holds, its directories last and each with all that is below it. */
export class SftpWalk {
  readonly #client: SftpClient;
  readonly #oneFileSystem: boolean;

  constructor(client: SftpClient, oneFileSystem: boolean) {
    this.#client = client;
    this.#oneFileSystem = oneFileSystem;
  }

  async *below(target: Uint8Array): AsyncGenerator<ListedItem, void, undefined> {
    let entry: ListedEntry;
    try {
      entry = await this.#entry(target);
    } catch (error) {
      yield { kind: 'problem', problem: sftpProblem(target, error) };
      return;
    }
    if (entry.type === 'dir') yield* this.#directory(entry, this.#inside(entry, entry.deviceId), entry.deviceId);
    else yield { kind: 'entry', entry, onTheWay: false };
  }

  async *#directory(directory: ListedEntry, reading: Promise<Inside>, device: bigint): AsyncGenerator<ListedItem, void, undefined> {
    yield { kind: 'entry', entry: directory, onTheWay: false };
    const { items, directories } = await reading;
    yield* items;
    const ahead: Promise<Inside>[] = [];
    for (const [i, inner] of directories.entries()) {
      while (ahead.length < readAhead && i + ahead.length < directories.length) {
        ahead.push(this.#inside(directories[i + ahead.length] as ListedEntry, device));
      }
      yield* this.#directory(inner, ahead.shift() as Promise<Inside>, device);
    }
  }

  /** Rejects only when the session broke: a directory that cannot be read is a problem among its items. */
  #inside(directory: ListedEntry, device: bigint): Promise<Inside> {
    const reading = this.#list(directory, device).catch((error: unknown): Inside => {
      return { ...nothing, items: [{ kind: 'problem', problem: sftpProblem(directory.path, error) }] };
    });
    // It may be asked for and, once something else broke, never be waited for.
    reading.catch(() => undefined);
    return reading;
  }

  async #list(directory: ListedEntry, device: bigint): Promise<Inside> {
    // What is mounted there is left out, the place itself stays.
    if (directory.deviceId !== device) return nothing;
    const names = await this.#client.list(directory.path);
    const prefix = directory.path.byteLength === 1 ? slash : Buffer.concat([directory.path, slash]);
    const items: ListedItem[] = [];
    const directories: ListedEntry[] = [];
    const entries = names.map(async ({ name, attributes }): Promise<ListedItem> => {
      const path = Buffer.concat([prefix, name]);
      try {
        const listed = await sftpEntry(this.#client, path, attributes, device);
        const entry =
          listed.type === 'dir' && this.#oneFileSystem ? { ...listed, deviceId: await this.#client.fileSystemOf(path) } : listed;
        return { kind: 'entry', entry, onTheWay: false };
      } catch (error) {
        return { kind: 'problem', problem: sftpProblem(path, error) };
      }
    });
    for (const item of await Promise.all(entries)) {
      if (item.kind === 'entry' && item.entry.type === 'dir') directories.push(item.entry);
      else items.push(item);
    }
    return { items, directories };
  }

  async #entry(path: Uint8Array): Promise<ListedEntry> {
    const attributes = await this.#client.lstat(path);
    return await sftpEntry(this.#client, path, attributes, this.#oneFileSystem ? await this.#client.fileSystemOf(path) : 0n);
  }
}
