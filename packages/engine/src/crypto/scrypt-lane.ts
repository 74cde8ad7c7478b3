import { adviseHugePages, giveBack } from '../posix/huge-pages.ts';

/** One of the p lanes of scrypt (RFC 7914): the block to be mixed, and the code that mixes it. */
export interface ScryptLane {
  readonly module: WebAssembly.Module;
  /** 128 r bytes. */
  readonly block: Uint8Array;
  readonly N: number;
  readonly r: number;
}

/** Threads that mix lanes. */
export interface ScryptThreads {
  /** How many lanes are mixed at once. */
  readonly size: number;
  mixLane(lane: ScryptLane): Promise<Uint8Array>;
}

type Mix = (block: number, spare: number, table: number, N: number, r: number) => void;

/** Below it is what the compiled code keeps for itself. */
const start = 4096;
const pageBytes = 65536;

/** Mixes lanes, one after the other, in the same memory. One for each thread. */
export class ScryptMixer {
  #memory: Uint8Array | undefined;
  #wasm: WebAssembly.Memory | undefined;

  /** The mixed block. Takes 128 N r bytes of memory, which it keeps for the next lane, and all of this thread's time. */
  mix({ module, block, N, r }: ScryptLane): Uint8Array {
    const blockBytes = block.byteLength;
    const memory = this.#room(start + (N + 2) * blockBytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const bytes = new Uint8Array(memory.buffer, start, blockBytes);
    bytes.set(block);
    (exports['mix'] as Mix)(start, start + blockBytes, start + 2 * blockBytes, N, r);
    return bytes.slice();
  }

  /** Gives the memory back at once: the thread may live long, and collect late. */
  release(): void {
    if (this.#memory !== undefined) giveBack(this.#memory);
    this.#memory = undefined;
    this.#wasm = undefined;
  }

  #room(sizeBytes: number): WebAssembly.Memory {
    if (this.#wasm !== undefined && this.#wasm.buffer.byteLength >= sizeBytes) return this.#wasm;
    this.release();
    this.#wasm = new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / pageBytes) });
    this.#memory = new Uint8Array(this.#wasm.buffer);
    adviseHugePages(this.#memory);
    return this.#wasm;
  }
}
