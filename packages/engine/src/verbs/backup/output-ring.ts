import type { BlobType } from '../../index/blob-type.ts';
import { factsPerBlob, type SealedBatch } from './backup-job.ts';

/** A batch is sent once it holds this much; a slot has room for one more blob of the largest chunk. */
const batchBytes = 1 << 20;
const slotBytes = batchBytes + (8 << 20) + 4096;
const slotCount = 2;

interface Fact {
  readonly destination: number;
  readonly type: BlobType;
  readonly id: Uint8Array;
  readonly sealedBytes: number;
  readonly uncompressedBytes: number;
  readonly contentBytes: number;
}

/**
 * Where a worker puts sealed blobs for the main thread: two slots of shared memory in turn. The main thread frees a slot when it has copied
 * the blobs into packs; until then the worker waits, which is what keeps memory bounded when storage is slow.
 */
export class OutputRing {
  readonly #slots: Uint8Array[] = [];
  readonly #busy = new Int32Array(new SharedArrayBuffer(slotCount * 4));
  readonly #post: (batch: SealedBatch) => void;
  #slot = 0;
  #usedBytes = 0;
  #facts: Fact[] = [];

  constructor(post: (batch: SealedBatch) => void) {
    this.#post = post;
  }

  /** Room for a sealed blob, valid until `commit`. */
  reserve(sealedBytes: number): Uint8Array {
    if (sealedBytes > slotBytes) return new Uint8Array(new SharedArrayBuffer(sealedBytes));
    if (this.#usedBytes + sealedBytes > slotBytes) this.flush();
    if (this.#usedBytes === 0) Atomics.wait(this.#busy, this.#slot, 1);
    let slot = this.#slots[this.#slot];
    if (slot === undefined) {
      slot = new Uint8Array(new SharedArrayBuffer(slotBytes));
      this.#slots[this.#slot] = slot;
    }
    return slot.subarray(this.#usedBytes, this.#usedBytes + sealedBytes);
  }

  /** Takes the blob sealed into the room that `reserve` gave last. */
  commit(room: Uint8Array, fact: Fact): void {
    if (fact.sealedBytes > slotBytes) {
      this.#post(batchOf(room, undefined, 0, [fact]));
      return;
    }
    this.#facts.push({ ...fact, id: fact.id.slice() });
    this.#usedBytes += fact.sealedBytes;
    if (this.#usedBytes >= batchBytes) this.flush();
  }

  /** Sends what is there. */
  flush(): void {
    const slot = this.#slots[this.#slot];
    if (this.#usedBytes === 0 || slot === undefined) return;
    Atomics.store(this.#busy, this.#slot, 1);
    this.#post(batchOf(slot.subarray(0, this.#usedBytes), this.#busy, this.#slot, this.#facts));
    this.#slot = (this.#slot + 1) % slotCount;
    this.#usedBytes = 0;
    this.#facts = [];
  }
}

function batchOf(bytes: Uint8Array, busy: Int32Array | undefined, slot: number, list: readonly Fact[]): SealedBatch {
  const ids = new Uint8Array(list.length * 32);
  const facts = new Uint32Array(list.length * factsPerBlob);
  list.forEach((fact, i) => {
    ids.set(fact.id, i * 32);
    const { destination, type, sealedBytes, uncompressedBytes, contentBytes } = fact;
    facts.set([destination, type === 'tree' ? 1 : 0, sealedBytes, uncompressedBytes, contentBytes], i * factsPerBlob);
  });
  return { kind: 'sealed', bytes, busy, slot, ids, facts };
}
