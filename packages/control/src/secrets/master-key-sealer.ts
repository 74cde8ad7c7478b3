import { createCipheriv, createDecipheriv } from 'node:crypto';
import { CodedError, type RandomSource, Secret } from '@holdfast/kernel';
import type { MasterKey } from './master-key.ts';
import type { SecretPlace, SecretSealer } from './secret-sealer.ts';

const cipher = 'aes-256-gcm';
const version = 'v1';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const form = /^v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/**
 * Seals each secret with a data key of its own, used once, and the data key with the master key: `v1.<key id>.<wrapped key>.<nonce>.<sealed
 * text>`, AES-256-GCM, binary parts as base64url. The place is bound to both, so that a sealed text opens nowhere else.
 */
export class MasterKeySealer implements SecretSealer {
  readonly #key: MasterKey;
  readonly #random: RandomSource;

  constructor(key: MasterKey, random: RandomSource) {
    this.#key = key;
    this.#random = random;
  }

  seal(secret: Secret, place: SecretPlace): string {
    const dataKey = this.#random.bytes(keyBytes);
    const wrapNonce = this.#random.bytes(nonceBytes);
    const nonce = this.#random.bytes(nonceBytes);
    const bound = boundTo(place, this.#key.id);
    const wrapped = Buffer.concat([wrapNonce, encrypt(this.#key.reveal(), wrapNonce, bound, dataKey)]);
    const sealed = encrypt(dataKey, nonce, bound, Buffer.from(secret.reveal(), 'utf8'));
    return [version, this.#key.id, text(wrapped), text(nonce), text(sealed)].join('.');
  }

  open(sealed: string, place: SecretPlace): Secret {
    const [, keyId, wrapped = '', nonce = '', content = ''] = form.exec(sealed) ?? [];
    if (keyId === undefined) throw unreadable(place, 'it is no sealed text');
    if (keyId !== this.#key.id) throw unreadable(place, `it was sealed with the master key ${keyId}, and this is ${this.#key.id}`);
    const bound = boundTo(place, keyId);
    const wrap = Buffer.from(wrapped, 'base64url');
    try {
      const dataKey = decrypt(this.#key.reveal(), wrap.subarray(0, nonceBytes), bound, wrap.subarray(nonceBytes));
      return new Secret(decrypt(dataKey, Buffer.from(nonce, 'base64url'), bound, Buffer.from(content, 'base64url')).toString('utf8'));
    } catch {
      // Why a seal does not hold is never told, and there is nothing in the error of the cipher.
      throw unreadable(place, 'it was changed, or moved from another row');
    }
  }
}

/** The id of the master key that a sealed text needs, or undefined if it is none. */
export function sealingKeyId(sealed: string): string | undefined {
  return form.exec(sealed)?.[1];
}

function encrypt(key: Uint8Array, nonce: Uint8Array, bound: Uint8Array, content: Uint8Array): Buffer {
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(bound);
  return Buffer.concat([sealing.update(content), sealing.final(), sealing.getAuthTag()]);
}

function decrypt(key: Uint8Array, nonce: Uint8Array, bound: Uint8Array, sealed: Uint8Array): Buffer {
  const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  opening.setAAD(bound);
  opening.setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([opening.update(sealed.subarray(0, -tagBytes)), opening.final()]);
}

/** As JSON, in which no two places look alike. */
function boundTo({ table, id, column }: SecretPlace, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([version, keyId, table, id, column]), 'utf8');
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

function unreadable({ table, id, column }: SecretPlace, reason: string): CodedError {
  return new CodedError({
    code: 'secret-unreadable',
    message: `The secret ${table}.${column} of ${id} does not open: ${reason}`,
    hint: 'Restore the database and its master key from the same moment, or enter the secret again.',
  });
}
