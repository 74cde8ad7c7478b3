/** Three for each of many thousand backups. */
const mostEntries = 50_000;

/** What was worked out from rows that never change, such as a version of a backup. The oldest go when there are too many. */
export class VersionCache {
  readonly #entries = new Map<string, unknown>();

  /** What `make` returned for the key before, or returns now. A key belongs to one caller, who knows the type. */
  remember<T>(key: string, make: () => T): T {
    if (this.#entries.has(key)) return this.#entries.get(key) as T;
    const made = make();
    this.set(key, made);
    return made;
  }

  get<T>(key: string): T | undefined {
    return this.#entries.get(key) as T | undefined;
  }

  set(key: string, value: unknown): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const oldest = this.#entries.size > mostEntries ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
