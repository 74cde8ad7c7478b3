import { createHash } from 'node:crypto';
import type { Host } from '@holdfast/connect/port';
import type { Repository, TreeNode } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import { type FarTools, FileSource, type ListedEntry } from '@holdfast/source/files';

/** What a sealed blob has besides its content: an initial value and an authentication code. */
const sealBytes = 32;

export interface FarVerificationOptions {
  readonly tools: FarTools;
  /** The directory that was restored into. */
  readonly target: Uint8Array;
  readonly index: Repository['index'];
}

/** One file that is not there as it was in the snapshot. */
export interface DamagedFile {
  /** Relative to the target. */
  readonly path: Uint8Array;
  readonly reason: string;
}

/** Reads files of a far place back and compares them with what the snapshot says of their content: the hashes of their chunks. */
export class FarVerification {
  readonly #host: Host;
  readonly #options: FarVerificationOptions;
  readonly #expected = new Map<string, readonly string[]>();

  constructor(host: Host, options: FarVerificationOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** A file that is being restored; of all else there is no content to compare. */
  expect(path: Uint8Array, node: TreeNode): void {
    if (node.type === 'file') this.#expected.set(keyOf(path), node.content ?? []);
  }

  /** Those that are missing, cannot be read or differ. Rejects if the chain breaks, or the listing or the reading is cut short. */
  async run(signal: AbortSignal): Promise<readonly DamagedFile[]> {
    const { target, tools } = this.#options;
    if (this.#expected.size === 0) return [];
    const source = FileSource.using(this.#host, tools);
    const wanted: { readonly key: string; readonly entry: ListedEntry }[] = [];
    for await (const item of source.list([target], { oneFileSystem: false, signal })) {
      if (item.kind !== 'entry' || item.onTheWay || item.entry.type !== 'file') continue;
      const key = keyOf(relative(item.entry.path, target));
      if (this.#expected.has(key)) wanted.push({ key, entry: item.entry });
    }
    const right = new Set<string>();
    const files = wanted.map(({ entry }) => entry);
    for await (const item of source.read(files, { signal })) {
      if (item.kind === 'problem') continue;
      const key = wanted[item.index]?.key;
      const other = item.kind === 'same' ? wanted[item.of]?.key : undefined;
      if (key === undefined) continue;
      if (item.kind === 'content' ? await this.#isAsExpected(key, item.bytes) : other !== undefined && right.has(other)) right.add(key);
    }
    const there = new Set(wanted.map(({ key }) => key));
    return [...this.#expected.keys()]
      .filter((key) => !right.has(key))
      .map((key) => ({
        path: Buffer.from(key, 'latin1'),
        reason: there.has(key) ? 'what was read back is not what was restored' : 'it is not there',
      }));
  }

  async #isAsExpected(key: string, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
    const content = this.#expected.get(key) ?? [];
    let isRight = true;
    let at = 0;
    let hash = createHash('sha256');
    let left = this.#bytesOf(content[at]);
    try {
      for await (const piece of bytes) {
        for (let from = 0; from < piece.byteLength && isRight; ) {
          const taken = piece.subarray(from, from + left);
          if (taken.byteLength === 0) isRight = false; // longer than the snapshot's
          hash.update(taken);
          from += taken.byteLength;
          left -= taken.byteLength;
          if (left > 0 || !isRight) continue;
          isRight = hash.digest('hex') === content[at];
          at += 1;
          hash = createHash('sha256');
          left = this.#bytesOf(content[at]);
        }
      }
    } catch (error) {
      if (!CodedError.is(error, 'source-unreadable')) throw error;
      return false;
    }
    return isRight && at === content.length;
  }

  #bytesOf(blob: string | undefined): number {
    if (blob === undefined) return 0;
    const { index } = this.#options;
    const { uncompressedBytes, sealedBytes } = index.location(index.findHex('data', blob));
    return uncompressedBytes > 0 ? uncompressedBytes : sealedBytes - sealBytes;
  }
}

function relative(path: Uint8Array, target: Uint8Array): Uint8Array {
  return path.subarray(target.byteLength === 1 ? 1 : target.byteLength + 1);
}

function keyOf(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
}
