import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

const sliceBytes = 1 << 20;
/** Hashed in one go: about six milliseconds in which nothing else happens in this thread. */
const turnBytes = 4 << 20;

export interface PayloadHashes {
  /** Base64, for `Content-MD5`: the one checksum that every server verifies before it keeps anything. */
  readonly md5: string;
  /** Hexadecimal, for the signature; undefined where that was not asked for. */
  readonly sha256: string | undefined;
}

/** The checksums of a request's body. Others have their turn meanwhile. */
export async function payloadHashes(bytes: Uint8Array, withSha256: boolean): Promise<PayloadHashes> {
  const md5 = createHash('md5');
  const sha256 = withSha256 ? createHash('sha256') : undefined;
  for (let at = 0; at < bytes.byteLength; at += sliceBytes) {
    const slice = bytes.subarray(at, at + sliceBytes);
    md5.update(slice);
    sha256?.update(slice);
    if (at > 0 && at % turnBytes === 0) await turn();
  }
  return { md5: md5.digest('base64'), sha256: sha256?.digest('hex') };
}
