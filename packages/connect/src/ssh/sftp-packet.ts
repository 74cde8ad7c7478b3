import { connectionLost } from '../link-errors.ts';

/** What SFTP (version 3) tells of a file. A server may leave any of it out. */
export interface SftpAttributes {
  readonly sizeBytes: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** A Unix st_mode, the kind of file included. */
  readonly mode: number | undefined;
  /** Whole seconds since 1970. */
  readonly mtimeSeconds: number | undefined;
}

/** Reads the fields of one packet. What is not there is `connection-lost`: the other end speaks something else. */
export class SftpReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  string(): Buffer {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  attributes(): SftpAttributes {
    const flags = this.uint32();
    const size = (flags & 1) === 0 ? undefined : this.uint64();
    const [uid, gid] = (flags & 2) === 0 ? [] : [this.uint32(), this.uint32()];
    const mode = (flags & 4) === 0 ? undefined : this.uint32();
    const [, mtimeSeconds] = (flags & 8) === 0 ? [] : [this.uint32(), this.uint32()];
    if ((flags & 0x8000_0000) !== 0) for (let left = this.uint32() * 2; left > 0; left--) this.string();
    if (size !== undefined && size > BigInt(Number.MAX_SAFE_INTEGER)) throw noSftp('a size is too large');
    return { sizeBytes: size === undefined ? undefined : Number(size), uid, gid, mode, mtimeSeconds };
  }

  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.byteLength) throw noSftp('a packet is too short');
    return at;
  }
}

/** A packet with its length in front: a kind, and fields of which numbers are 32 bits, big ones 64, and bytes have their length before them. */
export function sftpPacket(kind: number, fields: readonly (number | bigint | Uint8Array)[]): Buffer {
  const parts = fields.map((field) => {
    if (field instanceof Uint8Array) return Buffer.concat([uint32(field.byteLength), field]);
    if (typeof field === 'number') return uint32(field);
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(field);
    return bytes;
  });
  const length = parts.reduce((sum, part) => sum + part.byteLength, 1);
  return Buffer.concat([uint32(length), Buffer.of(kind), ...parts]);
}

export function noSftp(why: string): Error {
  return connectionLost('A session of SFTP', `what came is no SFTP: ${why}`);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
