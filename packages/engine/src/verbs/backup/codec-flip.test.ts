import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { FastRandom } from '../../../../../test/support/fast-random.ts';
import { Sealer, sealOverheadBytes } from '../../crypto/sealer.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { type Codec, compressBound, Zstd } from '../../crypto/zstd.ts';
import { BlobIndex } from '../../index/blob-index.ts';
import { BlobRecoder } from '../carry-blobs/blob-recoder.ts';
import { BlobSealer } from './blob-sealer.ts';
import { OutputRing } from './output-ring.ts';

const cases = 400;
const masterKey = { encrypt: Buffer.alloc(32, 1), macK: Buffer.alloc(16, 2), macR: Buffer.alloc(16, 3) };
const zstd = new Zstd();

/** Compresses as zstd does, and then one bit of the frame is another. */
class FlippingCodec implements Codec {
  readonly #random: FastRandom;

  constructor(random: FastRandom) {
    this.#random = random;
  }

  compressInto(out: Uint8Array, data: Uint8Array, effort: number | 'auto'): number {
    const length = zstd.compressInto(out, data, effort);
    const at = this.#random.below(length);
    out[at] = (out[at] as number) ^ (1 << this.#random.below(8));
    return length;
  }

  decompressInto(out: Uint8Array, frame: Uint8Array): number {
    return zstd.decompressInto(out, frame);
  }
}

/** Whether the flipped bit was one that changes nothing: then there is nothing to catch. */
function isWhole(frame: Uint8Array, content: Uint8Array): boolean {
  const out = new Uint8Array(content.byteLength);
  return zstd.decompressInto(out, frame) === content.byteLength && Buffer.compare(out, content) === 0;
}

function textOf(random: FastRandom): Buffer {
  const words = ['one ', 'two ', 'three ', 'four ', random.bytes(3).toString('hex')];
  return Buffer.from(Array.from({ length: 20 + random.below(3000) }, () => words[random.below(words.length)]).join(''));
}

const isCaught = (error: unknown): boolean => CodedError.is(error, 'verification-failed') && error.hint !== undefined;

test(`F31 codec-flip: a compressor that changes one bit is caught before anything leaves, each of ${cases} times`, () => {
  const random = new FastRandom(31);
  const sealer = new Sealer(masterKey);
  const frames: Uint8Array[] = [];
  const ring = new OutputRing(({ bytes }) => frames.push(sealer.open(bytes)));
  const blobs = new BlobSealer([{ masterKey, version: 2 }], 'auto', new FlippingCodec(random), ring);
  blobs.tables = [new BlobIndex().share()];
  let caught = 0;
  for (let i = 0; i < cases; i++) {
    const content = textOf(random);
    try {
      blobs.store(i % 2 === 0 ? 'data' : 'tree', content);
      ring.flush();
      const frame = frames.pop();
      assert.ok(frame !== undefined && isWhole(frame, content), `case ${i} left damaged`);
    } catch (error) {
      if (!isCaught(error)) throw error;
      caught += 1;
    }
  }
  assert.deepEqual(frames, []);
  assert.ok(caught > cases * 0.9, `${caught} caught`);
});

test('F31 codec-flip: so is one that changes a bit where blobs are compressed again', () => {
  const random = new FastRandom(62);
  const coding = {
    sourceKey: masterKey,
    isSameKey: true,
    targetKey: masterKey,
    targetVersion: 2,
    compressRawData: true,
    effort: 'auto',
  } as const;
  const recoder = new BlobRecoder(coding, new FlippingCodec(random));
  const sealer = new Sealer(masterKey);
  let caught = 0;
  for (let i = 0; i < cases; i++) {
    const content = textOf(random);
    const sealed = sealer.seal(content);
    const record = { type: 'data', id: sha256(content), offset: 0, sealedBytes: sealed.byteLength, uncompressedBytes: 0 } as const;
    try {
      const recoded = recoder.recode(record, sealed, { payload: content, content });
      assert.ok(isWhole(sealer.open(recoded.sealed), content), `case ${i} left damaged`);
    } catch (error) {
      if (!isCaught(error)) throw error;
      caught += 1;
    }
  }
  assert.ok(caught > cases * 0.9, `${caught} caught`);
});

test('what a sound compressor makes passes', () => {
  const random = new FastRandom(1);
  const batches: number[] = [];
  const ring = new OutputRing(({ bytes }) => batches.push(bytes.byteLength));
  const blobs = new BlobSealer([{ masterKey, version: 2 }], 'auto', zstd, ring);
  blobs.tables = [new BlobIndex().share()];
  const content = textOf(random);
  blobs.store('data', content);
  ring.flush();
  assert.equal(batches.length, 1);
  assert.ok((batches[0] ?? 0) < compressBound(content.byteLength) + sealOverheadBytes);
});
