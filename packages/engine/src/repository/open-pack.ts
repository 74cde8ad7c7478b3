import { type Sealer, sealOverheadBytes } from '../crypto/sealer.ts';
import { encodePackHeader } from '../format/pack-header.ts';
import type { BlobType } from '../index/blob-type.ts';
import { adviseHugePages } from '../posix/huge-pages.ts';

export interface PackedBlob {
  readonly type: BlobType;
  readonly id: Uint8Array;
  readonly offset: number;
  readonly sealedBytes: number;
  readonly uncompressedBytes: number;
  /** Its record in the index. */
  readonly record: number;
}

const headerLengthBytes = 4;
/** Room beyond the target size: the last blob (8 MiB at most, if a chunk) and the header of an ordinary pack. */
const slackBytes = 9 << 20;

/** A pack that is being filled in memory. Memory that is never written is never resident, so the slack costs address space only. */
export class OpenPack {
  readonly number: number;
  readonly blobs: PackedBlob[] = [];
  readonly #memory: Uint8Array<ArrayBuffer>;
  #sizeBytes = 0;

  /** `number` is its number in the index; `memory` of an earlier pack can be used again. */
  constructor(number: number, targetBytes: number, memory?: Uint8Array<ArrayBuffer>) {
    this.number = number;
    const wanted = targetBytes + slackBytes;
    this.#memory = memory !== undefined && memory.byteLength >= wanted ? memory : freshMemory(wanted);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get memory(): Uint8Array<ArrayBuffer> {
    return this.#memory;
  }

  hasRoomFor(sealedBytes: number): boolean {
    return this.#sizeBytes + sealedBytes <= this.#memory.byteLength;
  }

  /** Copies the blob to the end and returns its offset. */
  append(sealed: Uint8Array): number {
    const offset = this.#sizeBytes;
    this.#memory.set(sealed, offset);
    this.#sizeBytes += sealed.byteLength;
    return offset;
  }

  sealed(blob: PackedBlob): Uint8Array {
    return this.#memory.subarray(blob.offset, blob.offset + blob.sealedBytes);
  }

  /** The whole file: blobs, sealed header, header length. Valid until the memory is used again. */
  finish(sealer: Sealer): Uint8Array<ArrayBuffer> {
    const header = encodePackHeader(this.blobs);
    const sealedHeaderBytes = header.byteLength + sealOverheadBytes;
    const totalBytes = this.#sizeBytes + sealedHeaderBytes + headerLengthBytes;
    let file = this.#memory;
    if (totalBytes > file.byteLength) {
      file = Buffer.allocUnsafeSlow(totalBytes);
      file.set(this.#memory.subarray(0, this.#sizeBytes));
    }
    sealer.sealInto(file.subarray(this.#sizeBytes), header);
    new DataView(file.buffer, file.byteOffset).setUint32(totalBytes - headerLengthBytes, sealedHeaderBytes, true);
    return file.subarray(0, totalBytes);
  }
}

function freshMemory(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const memory = Buffer.allocUnsafeSlow(sizeBytes);
  adviseHugePages(memory);
  return memory;
}
