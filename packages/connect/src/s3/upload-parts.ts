import type { CompletedPart } from '@aws-sdk/client-s3';
import { CodedError } from '@holdfast/kernel';

/** An upload in parts that was begun. */
export interface PartUpload {
  put(number: number, bytes: Uint8Array): Promise<CompletedPart>;
  complete(parts: readonly CompletedPart[]): Promise<void>;
  /** Takes back what was stored of it. */
  abort(): Promise<void>;
}

export interface UploadOptions {
  readonly sizeBytes: number;
  /** Parts under way at once. */
  readonly atOnce: number;
  readonly single: (bytes: Uint8Array) => Promise<void>;
  readonly begin: () => Promise<PartUpload>;
}

const leastPartBytes = 16 << 20;
/** S3 takes ten thousand. */
const mostParts = 9_000;

/** Stores a stream as one piece if it is small, else in parts, several at once; a stream that is not as long as announced is `invalid-argument`. */
export async function uploadParts(bytes: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<void> {
  const { sizeBytes, atOnce } = options;
  const partBytes = Math.max(leastPartBytes, Math.ceil(sizeBytes / mostParts));
  let upload: PartUpload | undefined;
  const underWay = new Set<Promise<CompletedPart>>();
  const parts: Promise<CompletedPart>[] = [];
  let total = 0;
  try {
    for await (const part of inParts(bytes, partBytes)) {
      total += part.byteLength;
      if (total > sizeBytes) break;
      if (parts.length === 0 && part.byteLength < partBytes) {
        if (total !== sizeBytes) break;
        await options.single(part);
        return;
      }
      upload ??= await options.begin();
      const storing = upload.put(parts.length + 1, part);
      parts.push(storing);
      underWay.add(storing);
      storing.then(
        () => underWay.delete(storing),
        () => undefined, // stays, and is thrown below
      );
      while (underWay.size >= atOnce) await Promise.race(underWay);
    }
    if (total !== sizeBytes) throw wrongSize(total, sizeBytes);
    if (upload === undefined) await options.single(new Uint8Array(0));
    else await upload.complete(await Promise.all(parts));
  } catch (error) {
    await Promise.allSettled(parts);
    // Whether the parts could be taken back changes nothing about why it failed.
    await upload?.abort().catch(() => undefined);
    throw error;
  }
}

async function* inParts(bytes: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let part = Buffer.allocUnsafe(0);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.byteLength; ) {
      if (filled === part.byteLength) part = grown(part, partBytes, chunk.byteLength - at);
      const count = Math.min(part.byteLength - filled, chunk.byteLength - at);
      part.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < partBytes) continue;
      yield part.subarray(0, filled);
      part = Buffer.allocUnsafe(0);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** Twice the room, so that a small object takes little memory. */
function grown(part: Buffer, most: number, atLeast: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(part.byteLength * 2, part.byteLength + atLeast, 1 << 16)));
  part.copy(larger);
  return larger;
}

function wrongSize(found: number, announced: number): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `The content has ${found}${found > announced ? ' or more' : ''} bytes, but ${announced} were announced`,
    context: { announcedBytes: announced, readBytes: found },
  });
}
