import { CodedError } from '@holdfast/kernel';
import { processLibrary } from './process-library.ts';

const evpDigest = processLibrary.func(
  'int EVP_Digest(const uint8_t* data, size_t count, _Out_ uint8_t* md, void* size, const void* type, void* engine)',
);
const evpSha256: unknown = processLibrary.func('const void* EVP_sha256()')();

export const hashBytes = 32;

/** Writes SHA-256 of `data` to `out[0, 32)`. Works on shared and WebAssembly memory, allocates nothing. */
export function sha256Into(out: Uint8Array, data: Uint8Array): void {
  if (out.byteLength < hashBytes) throw new RangeError('sha256Into needs 32 bytes of room');
  if (evpDigest(data, data.byteLength, out, null, evpSha256, null) !== 1) throw hashFailed();
}

/** SHA-256 of `data`. */
export function sha256(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(hashBytes);
  sha256Into(out, data);
  return out;
}

/** SHA-256 of `data` computed on a thread of the pool, for whole packs. `data` must not change until it settles. */
export async function sha256OffThread(data: Uint8Array): Promise<Uint8Array> {
  const out = new Uint8Array(hashBytes);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  evpDigest.async(data, data.byteLength, out, null, evpSha256, null, (error: unknown, result: number) => {
    if (error) reject(error);
    else resolve(result);
  });
  if ((await promise) !== 1) throw hashFailed();
  return out;
}

function hashFailed(): CodedError {
  return new CodedError({ code: 'internal', message: 'OpenSSL refused to compute SHA-256' });
}
