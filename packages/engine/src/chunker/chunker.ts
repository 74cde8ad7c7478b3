import { readFileSync } from 'node:fs';
import { chunkerDegree, polynomialMod } from './polynomial.ts';

export const minChunkBytes = 512 * 1024;
export const maxChunkBytes = 8 * 1024 * 1024;
const windowBytes = 64;
const outTable = 0;
const modTable = 2048;
const dataStart = 4096;
const pageBytes = 65536;

type FindCut = (from: number, to: number) => number;

/** The compiled chunker, to be shared by threads. */
export function compileChunker(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL('./rabin.wasm', import.meta.url)));
}

/**
 * restic's content-defined chunking: a cut after each byte at which the Rabin fingerprint of the last 64 bytes ends in 20 zero bits, but no
 * chunk under 512 KiB or over 8 MiB. Because a legal cut is never within 64 bytes of the chunk's start, the fingerprint there depends on
 * those 64 bytes alone: the bytes before the smallest chunk are skipped, and four stretches are searched at once.
 */
export class Chunker {
  /** Where the data go: callers read files straight into it. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly #findCut: FindCut;

  /** `polynomial`: irreducible, degree 53. `capacityBytes`: at least the largest chunk. */
  constructor(polynomial: bigint, capacityBytes: number, module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((dataStart + capacityBytes) / pageBytes) });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#findCut = instance.exports['findCut'] as FindCut;
    this.buffer = new Uint8Array(memory.buffer, dataStart, capacityBytes);
    fillTables(new BigUint64Array(memory.buffer, 0, dataStart / 8), polynomial);
  }

  /**
   * The end of the chunk that begins at `start`, in buffer[start, end); 0 if more data are needed to tell. `scanned`: up to where an earlier
   * call with the same start has searched in vain (or `start`). With `atEnd` nothing follows and the rest is the last chunk.
   */
  nextCut(start: number, scanned: number, end: number, atEnd: boolean): number {
    const last = Math.min(start + maxChunkBytes, end);
    const from = Math.max(start + minChunkBytes, scanned);
    if (from <= last) {
      const found = this.#findCut(dataStart + from, dataStart + last);
      if (found !== 0) return found - dataStart;
    }
    if (last === start + maxChunkBytes || (atEnd && end > start)) return last;
    return 0;
  }
}

function fillTables(tables: BigUint64Array, polynomial: bigint): void {
  const degree = BigInt(chunkerDegree);
  for (let byte = 0n; byte < 256n; byte++) {
    // What a byte is worth when it leaves: it has been shifted by the whole window.
    tables[outTable / 8 + Number(byte)] = polynomialMod(byte << BigInt(8 * windowBytes), polynomial);
    tables[modTable / 8 + Number(byte)] = polynomialMod(byte << degree, polynomial) | (byte << degree);
  }
}
