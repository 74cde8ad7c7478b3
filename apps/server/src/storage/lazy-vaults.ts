import type { VaultReader } from '@holdfast/runner';

/** The reader of repositories, loaded and made when somebody first looks into one: an idle server does without its memory. */
export class LazyVaults implements AsyncDisposable {
  #reader: Promise<VaultReader> | undefined;

  async reader(): Promise<VaultReader> {
    this.#reader ??= import('@holdfast/runner').then((runner) => new runner.VaultReader());
    return await this.#reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reader = await this.#reader;
    await reader?.[Symbol.asyncDispose]();
  }
}
