import { adviseHugePages } from '../posix/huge-pages.ts';

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

/** The mixed block. Takes 128 N r bytes of memory while it works, all of this thread's time, and can use the memory of an earlier call. */
export class ScryptMixer {
  #memory: WebAssembly.Memory | undefined;

  mix({ module, block, N, r }: ScryptLane): Uint8Array {
    const blockBytes = block.byteLength;
    const neededBytes = start + (N + 2) * blockBytes;
    if (this.#memory === undefined || this.#memory.buffer.byteLength < neededBytes) this.#memory = makeMemory(neededBytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    const bytes = new Uint8Array(this.#memory.buffer, start, blockBytes);
    bytes.set(block);
    (exports['mix'] as Mix)(start, start + blockBytes, start + 2 * blockBytes, N, r);
    return bytes.slice();
  }
}

function makeMemory(sizeBytes: number): WebAssembly.Memory {
  const made = new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / pageBytes) });
  adviseHugePages(new Uint8Array(made.buffer));
  return made;
}
