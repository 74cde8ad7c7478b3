interface Entry {
  readonly mark: string;
  readonly value: Promise<unknown>;
}

/**
 * What was read from the database, to be had again as long as nothing in it has changed: never older than what a query would read now. For
 * reads outside of transactions that are asked for often and take long. The mark is taken before reading, so that a value which a change
 * meets halfway is known under a mark that does not come again; who asked before the change may get it, as without the memory. The memory
 * keeps one value for each key, and a value belongs to all who get it: they do not change it.
 */
export class ReadMemory {
  readonly #entries = new Map<string, Entry>();
  readonly #mark: () => Promise<string>;

  /** `mark` answers as never before whenever what a query reads may have changed since, whoever changed it. */
  constructor(mark: () => Promise<string>) {
    this.#mark = mark;
  }

  /**
   * What `read` returned for the key before, or returns now. A key belongs to one caller, who knows the type. `variant` is what the value
   * depends on besides the database.
   */
  async read<T>(key: string, read: () => Promise<T>, variant = ''): Promise<T> {
    // Before reading: what changes in between makes the next one read again.
    const mark = `${await this.#mark()} ${variant}`;
    const known = this.#entries.get(key);
    if (known?.mark === mark) return (await known.value) as T;
    const entry: Entry = { mark, value: read() };
    this.#entries.set(key, entry);
    try {
      return (await entry.value) as T;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }
}
