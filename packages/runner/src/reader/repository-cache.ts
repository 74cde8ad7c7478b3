import type { RepositoryAccess } from '@holdfast/contract';
import type { Clock } from '@holdfast/kernel';
import type { StorageOpener } from '../vault/open-storage.ts';
import { OpenRepository } from './open-repository.ts';

interface Entry {
  readonly key: string;
  readonly opened: Promise<OpenRepository>;
  users: number;
  /** Ends the wait after which it is closed. */
  idle: AbortController | undefined;
}

/** An open repository in use. Disposing it gives it back; the cache closes it when nobody has wanted it for a while. */
export interface Lease extends AsyncDisposable {
  readonly open: OpenRepository;
  /** It is of no use any more: the next user opens it anew. */
  forsake(): void;
}

export interface RepositoryCacheOptions {
  readonly clock: Clock;
  readonly openStorage: StorageOpener;
  readonly mostOpen: number;
  readonly idleMs: number;
}

/** Keeps a few repositories open, so that only the first look at one waits for its key and its index. */
export class RepositoryCache implements AsyncDisposable {
  readonly #options: RepositoryCacheOptions;
  /** The least recently used one is the first. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  readonly #ended = new AbortController();

  constructor(options: RepositoryCacheOptions) {
    this.#options = options;
  }

  /** How many are open, or being opened. */
  get size(): number {
    return this.#entries.size;
  }

  async use(access: RepositoryAccess, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
    this.#ended.signal.throwIfAborted();
    const entry = this.#take(access);
    entry.users += 1;
    entry.idle?.abort();
    entry.idle = undefined;
    let isGivenBack = false;
    const giveBack = async (): Promise<void> => {
      if (isGivenBack) return;
      isGivenBack = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      if (this.#entries.get(entry.key) === entry) this.#rest(entry);
      else await this.#close(entry);
    };
    try {
      return { open: await entry.opened, forsake: () => this.#drop(entry), [Symbol.asyncDispose]: giveBack };
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  /** Closes all that is open. Whoever uses one still may go on until it is given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new Error('The reader has been closed'));
    for (const entry of [...this.#entries.values()]) this.#drop(entry);
    await Promise.all(this.#closing);
  }

  #take(access: RepositoryAccess): Entry {
    const key = JSON.stringify([access.storage, access.secrets, access.password, access.repositoryId]);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    // Whoever asked first may go away while others wait: only the end of the cache ends the opening.
    const entry: Entry = { key, opened: OpenRepository.open(access, this.#options, this.#ended.signal), users: 0, idle: undefined };
    this.#entries.set(key, entry);
    entry.opened.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key); // the next one tries again
    });
    for (const oldest of [...this.#entries.values()]) {
      if (this.#entries.size <= this.#options.mostOpen) break;
      if (oldest.users === 0 && oldest !== entry) this.#drop(oldest);
    }
    return entry;
  }

  /** Closes it after a while, unless somebody wants it by then. */
  #rest(entry: Entry): void {
    if (this.#entries.size > this.#options.mostOpen) return this.#drop(entry);
    const idle = new AbortController();
    entry.idle = idle;
    this.#options.clock.sleep(this.#options.idleMs, idle.signal).then(
      () => this.#drop(entry),
      () => undefined, // it is used again, or closed
    );
  }

  #drop(entry: Entry): void {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    entry.idle?.abort();
    entry.idle = undefined;
    if (entry.users === 0) void this.#close(entry); // else whoever gives it back last closes it
  }

  #close(entry: Entry): Promise<void> {
    const close = async (): Promise<void> => {
      const [opened] = await Promise.allSettled([entry.opened]);
      if (opened.status === 'fulfilled') await opened.value[Symbol.asyncDispose]();
    };
    const closing = close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }
}
