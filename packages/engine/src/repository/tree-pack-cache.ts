import { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';

const limitBytes = 48 << 20;
const windowBytes = 4 << 20;

interface Window {
  readonly offset: number;
  readonly bytes: Promise<Uint8Array>;
  readonly sizeBytes: number;
}

/**
 * Trees are small and lie together, in about the order in which they are walked. One read fetches the stretch of the pack around the tree
 * wanted, and the trees after it come from memory: the least recently used stretches go when there are too many.
 */
export class TreePackCache {
  readonly #storage: Storage;
  readonly #windows = new Map<string, Window>();
  #heldBytes = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** The bytes of the pack at [offset, offset + length). */
  async load(pack: string, offset: number, length: number, options: CallOptions): Promise<Uint8Array> {
    const start = offset - (offset % windowBytes);
    const key = `${pack}:${start}`;
    let window = this.#windows.get(key);
    if (window === undefined) window = await this.#open(key, pack, start, options);
    else this.#touch(key, window);
    const from = offset - window.offset;
    const bytes = await window.bytes;
    if (from + length <= bytes.byteLength) return bytes.subarray(from, from + length);
    return this.#storage.load({ type: 'data', name: pack }, { offset, length }, options); // it goes beyond the window
  }

  async #open(key: string, pack: string, start: number, options: CallOptions): Promise<Window> {
    const { sizeBytes: packBytes } = await this.#storage.stat({ type: 'data', name: pack }, options);
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const sizeBytes = Math.min(windowBytes, packBytes - start);
    if (sizeBytes <= 0)
      throw new CodedError({ code: 'storage-short-read', message: `Pack ${pack} ends before the tree that should be in it` });
    const bytes = this.#storage.load({ type: 'data', name: pack }, { offset: start, length: sizeBytes }, options);
    const window = { offset: start, bytes, sizeBytes };
    this.#windows.set(key, window);
    this.#heldBytes += sizeBytes;
    bytes.catch(() => this.#drop(key, window)); // the caller gets the error; the next one tries again
    for (const [oldest, old] of this.#windows) {
      if (this.#heldBytes <= limitBytes) break;
      if (old !== window) this.#drop(oldest, old);
    }
    return window;
  }

  #touch(key: string, window: Window): void {
    this.#windows.delete(key);
    this.#windows.set(key, window);
  }

  #drop(key: string, window: Window): void {
    if (this.#windows.get(key) !== window) return;
    this.#windows.delete(key);
    this.#heldBytes -= window.sizeBytes;
  }
}
