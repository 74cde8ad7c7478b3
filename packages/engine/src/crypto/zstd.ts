import { CodedError } from '@holdfast/kernel';
import { processLibrary } from './process-library.ts';

const newCompressContext = processLibrary.func('void* ZSTD_createCCtx()');
const freeCompressContext = processLibrary.func('size_t ZSTD_freeCCtx(void* ctx)');
const compressContext = processLibrary.func(
  'size_t ZSTD_compressCCtx(void* ctx, uint8_t* dst, size_t capacity, const uint8_t* src, size_t size, int level)',
);
const setParameter = processLibrary.func('size_t ZSTD_CCtx_setParameter(void* ctx, int parameter, int value)');
const compressWithParameters = processLibrary.func(
  'size_t ZSTD_compress2(void* ctx, uint8_t* dst, size_t capacity, const uint8_t* src, size_t size)',
);
const newDecompressContext = processLibrary.func('void* ZSTD_createDCtx()');
const freeDecompressContext = processLibrary.func('size_t ZSTD_freeDCtx(void* ctx)');
const decompressContext = processLibrary.func(
  'size_t ZSTD_decompressDCtx(void* ctx, uint8_t* dst, size_t capacity, const uint8_t* src, size_t size)',
);
const frameContentSize = processLibrary.func('uint64_t ZSTD_getFrameContentSize(const uint8_t* src, size_t size)');
const isError = processLibrary.func('unsigned int ZSTD_isError(size_t code)');
const compressContexts = new FinalizationRegistry<unknown>((context) => void freeCompressContext(context));
const decompressContexts = new FinalizationRegistry<unknown>((context) => void freeDecompressContext(context));

/** How hard to try: a level of zstd, or what suits a backup. */
export type Effort = number | 'auto';

/**
 * `auto`: the `fast` strategy with hashes of six bytes and a table that stays in the processor's cache. As small as what restic's `auto`
 * makes (within 2 % on programs, sources and SQL) and half as fast again as level 3, which gains 3 % on large blocks.
 */
const autoParameters: readonly (readonly [parameter: number, value: number])[] = [
  [100, 3], // level: where the rest comes from
  [107, 1], // strategy: fast
  [102, 15], // hashLog
  [105, 6], // minMatch
  [106, 0], // targetLength: no acceleration
];

/** No more is believed of a frame that has not been decompressed yet. */
const likelyRatio = 100;

/** The most bytes that `size` bytes can become (ZSTD_COMPRESSBOUND). */
export function compressBound(sizeBytes: number): number {
  return sizeBytes + (sizeBytes >>> 8) + (sizeBytes < 131072 ? (131072 - sizeBytes) >>> 11 : 0);
}

/** A compressor as those who store blobs need it. `decompressInto` throws `file-damaged` for what is no frame of its own. */
export interface Codec {
  compressInto(out: Uint8Array, data: Uint8Array, effort: Effort): number;
  decompressInto(out: Uint8Array, frame: Uint8Array): number;
}

/** Zstandard, one frame a message, contexts kept. One for each thread, not for concurrent use. */
export class Zstd implements Codec {
  readonly #compress: unknown = newCompressContext();
  readonly #compressAuto: unknown = newCompressContext();
  readonly #decompress: unknown = newDecompressContext();

  constructor() {
    compressContexts.register(this, this.#compress);
    compressContexts.register(this, this.#compressAuto);
    for (const [parameter, value] of autoParameters) setParameter(this.#compressAuto, parameter, value);
    decompressContexts.register(this, this.#decompress);
  }

  /** Compresses into `out` (at least `compressBound` long) and returns the frame's length. */
  compressInto(out: Uint8Array, data: Uint8Array, effort: Effort): number {
    const written: number =
      effort === 'auto'
        ? compressWithParameters(this.#compressAuto, out, out.byteLength, data, data.byteLength)
        : compressContext(this.#compress, out, out.byteLength, data, data.byteLength, effort);
    if (isError(written) !== 0) throw new CodedError({ code: 'internal', message: 'libzstd refused to compress' });
    return written;
  }

  compress(data: Uint8Array, effort: Effort): Uint8Array {
    const out = new Uint8Array(compressBound(data.byteLength));
    return out.slice(0, this.compressInto(out, data, effort));
  }

  /** Decompresses into `out` and returns the length; more than `out` holds, or anything but whole frames, is `file-damaged`. */
  decompressInto(out: Uint8Array, frame: Uint8Array): number {
    const written: number = decompressContext(this.#decompress, out, out.byteLength, frame, frame.byteLength);
    if (isError(written) !== 0) throw damaged();
    return written;
  }

  /** Decompresses frames of unknown length, up to `limitBytes`. */
  decompress(frame: Uint8Array, limitBytes: number): Uint8Array {
    const saidBytes = Number(frameContentSize(frame, frame.byteLength));
    // Where the frame says how long its content is, and that is likely, room for it is made once.
    if (saidBytes > 0 && saidBytes <= Math.min(limitBytes, frame.byteLength * likelyRatio)) {
      const out = new Uint8Array(saidBytes);
      if (this.decompressInto(out, frame) !== saidBytes) throw damaged();
      return out;
    }
    try {
      // Loaded when it is needed, which is hardly ever: it takes a hundredth of a second in each thread.
      return process.getBuiltinModule('node:zlib').zstdDecompressSync(frame, { maxOutputLength: limitBytes });
    } catch (cause) {
      throw damaged(cause);
    }
  }
}

function damaged(cause?: unknown): CodedError {
  return new CodedError({
    code: 'file-damaged',
    message: 'The compressed data cannot be decompressed',
    hint: 'The data were changed or cut after they were written.',
    cause,
  });
}
