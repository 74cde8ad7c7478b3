import { zstdDecompressSync } from 'node:zlib';
import { CodedError } from '@holdfast/kernel';
import { processLibrary } from './process-library.ts';

const newCompressContext = processLibrary.func('void* ZSTD_createCCtx()');
const freeCompressContext = processLibrary.func('size_t ZSTD_freeCCtx(void* ctx)');
const compressContext = processLibrary.func(
  'size_t ZSTD_compressCCtx(void* ctx, uint8_t* dst, size_t capacity, const uint8_t* src, size_t size, int level)',
);
const newDecompressContext = processLibrary.func('void* ZSTD_createDCtx()');
const freeDecompressContext = processLibrary.func('size_t ZSTD_freeDCtx(void* ctx)');
const decompressContext = processLibrary.func(
  'size_t ZSTD_decompressDCtx(void* ctx, uint8_t* dst, size_t capacity, const uint8_t* src, size_t size)',
);
const isError = processLibrary.func('unsigned int ZSTD_isError(size_t code)');
const compressContexts = new FinalizationRegistry<unknown>((context) => void freeCompressContext(context));
const decompressContexts = new FinalizationRegistry<unknown>((context) => void freeDecompressContext(context));

/** The most bytes that `size` bytes can become (ZSTD_COMPRESSBOUND). */
export function compressBound(sizeBytes: number): number {
  return sizeBytes + (sizeBytes >>> 8) + (sizeBytes < 131072 ? (131072 - sizeBytes) >>> 11 : 0);
}

/** Zstandard, one frame a message, contexts kept. One for each thread, not for concurrent use. */
export class Zstd {
  readonly #compress: unknown = newCompressContext();
  readonly #decompress: unknown = newDecompressContext();

  constructor() {
    compressContexts.register(this, this.#compress);
    decompressContexts.register(this, this.#decompress);
  }

  /** Compresses into `out` (at least `compressBound` long) and returns the frame's length. */
  compressInto(out: Uint8Array, data: Uint8Array, level: number): number {
    const written: number = compressContext(this.#compress, out, out.byteLength, data, data.byteLength, level);
    if (isError(written) !== 0) throw new CodedError({ code: 'internal', message: 'libzstd refused to compress' });
    return written;
  }

  compress(data: Uint8Array, level: number): Uint8Array {
    const out = new Uint8Array(compressBound(data.byteLength));
    return out.slice(0, this.compressInto(out, data, level));
  }

  /** Decompresses into `out` and returns the length; more than `out` holds, or anything but whole frames, is `file-damaged`. */
  decompressInto(out: Uint8Array, frame: Uint8Array): number {
    const written: number = decompressContext(this.#decompress, out, out.byteLength, frame, frame.byteLength);
    if (isError(written) !== 0) throw damaged();
    return written;
  }

  /** Decompresses frames of unknown length, up to `limitBytes`. */
  decompress(frame: Uint8Array, limitBytes: number): Uint8Array {
    try {
      return zstdDecompressSync(frame, { maxOutputLength: limitBytes });
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
