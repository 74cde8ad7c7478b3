import type { Change } from '@holdfast/contract';

/** Tells whoever listens in this process that something changed. Between processes the database is asked instead. */
export class ChangeBus {
  readonly #listeners = new Set<(change: Change) => void>();

  publish(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Listens until the returned function is called. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
