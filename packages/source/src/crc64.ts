/** A CRC of 64 bits, least significant bit first, as its reversed polynomial and what its register begins and is finished with. */
export interface Crc64Form {
  readonly low: readonly Uint32Array[];
  readonly high: readonly Uint32Array[];
  readonly inverted: boolean;
}

/** CRC-64 as Redis uses it (Jones). */
export const redisCrc64 = crc64Form(0x95ac9329ac4bc9b5n, false);
/** CRC-64-ECMA as archives of mongodump use it (that of XZ). */
export const ecmaCrc64 = crc64Form(0xc96c5795d7870f42n, true);

const word = 0xffff_ffffn;

/** Tables for eight bytes a step: two halves, since numbers hold no 64 bits. */
function crc64Form(polynomial: bigint, inverted: boolean): Crc64Form {
  const low = Array.from({ length: 8 }, () => new Uint32Array(256));
  const high = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1n) === 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    set(0, byte, value);
  }
  for (let table = 1; table < 8; table += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const before = get(table - 1, byte);
      set(table, byte, get(0, Number(before & 0xffn)) ^ (before >> 8n));
    }
  }
  return { low, high, inverted };

  function get(table: number, byte: number): bigint {
    return (BigInt(high[table]?.[byte] as number) << 32n) | BigInt(low[table]?.[byte] as number);
  }
  function set(table: number, byte: number, value: bigint): void {
    (low[table] as Uint32Array)[byte] = Number(value & 0xffff_ffffn);
    (high[table] as Uint32Array)[byte] = Number(value >> 32n);
  }
}

/** A CRC over bytes that come one piece after the other. */
export class Crc64 {
  readonly #form: Crc64Form;
  #low: number;
  #high: number;

  constructor(form: Crc64Form) {
    this.#form = form;
    this.#low = form.inverted ? 0xffff_ffff : 0;
    this.#high = this.#low;
  }

  get value(): bigint {
    const value = (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
    return this.#form.inverted ? value ^ ((word << 32n) | word) : value;
  }

  /** Another one that goes on from here. */
  fork(): Crc64 {
    const fork = new Crc64(this.#form);
    fork.#low = this.#low;
    fork.#high = this.#high;
    return fork;
  }

  update(bytes: Uint8Array): void {
    const [l0, l1, l2, l3, l4, l5, l6, l7] = this.#form.low as unknown as Tables;
    const [h0, h1, h2, h3, h4, h5, h6, h7] = this.#form.high as unknown as Tables;
    let low = this.#low;
    let high = this.#high;
    let at = 0;
    for (const end = bytes.byteLength - 7; at < end; at += 8) {
      low ^= at32(bytes, at);
      high ^= at32(bytes, at + 4);
      const [a, b, c, d] = [low & 0xff, (low >>> 8) & 0xff, (low >>> 16) & 0xff, low >>> 24];
      const [e, f, g, h] = [high & 0xff, (high >>> 8) & 0xff, (high >>> 16) & 0xff, high >>> 24];
      low = of(l7, a) ^ of(l6, b) ^ of(l5, c) ^ of(l4, d) ^ of(l3, e) ^ of(l2, f) ^ of(l1, g) ^ of(l0, h);
      high = of(h7, a) ^ of(h6, b) ^ of(h5, c) ^ of(h4, d) ^ of(h3, e) ^ of(h2, f) ^ of(h1, g) ^ of(h0, h);
    }
    for (; at < bytes.byteLength; at += 1) {
      const index = (low ^ of(bytes, at)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ of(l0, index);
      high = (high >>> 8) ^ of(h0, index);
    }
    this.#low = low;
    this.#high = high;
  }
}

type Tables = readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];

function of(table: Uint32Array | Uint8Array, index: number): number {
  return table[index] as number;
}

function at32(bytes: Uint8Array, at: number): number {
  return of(bytes, at) | (of(bytes, at + 1) << 8) | (of(bytes, at + 2) << 16) | (of(bytes, at + 3) << 24);
}
