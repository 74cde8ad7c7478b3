import { createHash } from 'node:crypto';
import { CodedError } from '@holdfast/kernel';

/** A host's public key, as it is pinned. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, … */
  readonly algorithm: string;
  /** The key itself, in base64. */
  readonly key: string;
}

/** From the two words `ssh-ed25519 AAAA…` (a third, a comment, is ignored), or `invalid-argument`. */
export function parseHostKey(text: string): HostKey {
  const [algorithm, key] = text.trim().split(/\s+/);
  if (algorithm !== undefined && key !== undefined && isHostKey(algorithm, key)) return { algorithm, key };
  throw new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(text.slice(0, 60))} is not a host key`,
    hint: 'A host key is written as in the file known_hosts without the name: ssh-ed25519 AAAA…',
  });
}

export function formatHostKey({ algorithm, key }: HostKey): string {
  return `${algorithm} ${key}`;
}

/** `SHA256:…`, as ssh shows it. */
export function fingerprint({ key }: HostKey): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replaceAll('=', '')}`;
}

/** Whether it is base64 of a key that names that algorithm itself: a key begins with the length and the text of its algorithm's name. */
export function isHostKey(algorithm: string, key: string): boolean {
  if (!/^[a-z0-9@.-]{4,64}$/.test(algorithm) || !/^[A-Za-z0-9+/]{40,}={0,2}$/.test(key)) return false;
  const bytes = Buffer.from(key, 'base64');
  const length = bytes.readUInt32BE(0);
  return bytes.subarray(4, 4 + length).toString('latin1') === algorithm;
}
