import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { AesCipher } from './aes-cipher.ts';
import { Poly1305 } from './poly1305.ts';
import { Sealer, sealOverheadBytes } from './sealer.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const masterKey = { encrypt: Buffer.alloc(32, 0x11), macK: Buffer.alloc(16, 0x22), macR: Buffer.alloc(16, 0x33) };

test('Poly1305-AES gives the tags of Bernstein’s paper', () => {
  for (const [k, r, nonce, message, tag] of [
    [
      'ec074c835580741701425b623235add6',
      '851fc40c3467ac0be05cc20404f3f700',
      'fb447350c4e868c52ac3275cf9d4327e',
      'f3f6',
      'f4c633c3044fc145f84f335cb81953de',
    ],
    [
      '75deaa25c09f208e1dc4ce6b5cad3fbf',
      'a0f3080000f46400d0c7e9076c834403',
      '61ee09218d29b0aaed7e154a2c5509cc',
      '',
      'dd3fab2251f11ac759f0887129cc2ee7',
    ],
  ] as const) {
    const oneTimeKey = Buffer.alloc(32);
    oneTimeKey.set(hex(r));
    new AesCipher('aes-128-ecb', hex(k)).apply(null, hex(nonce), oneTimeKey.subarray(16));
    const out = Buffer.alloc(16);
    new Poly1305().tagInto(out, oneTimeKey, hex(message));
    assert.equal(out.toString('hex'), tag);
  }
});

test('AES-256-CTR gives the ciphertext of NIST SP 800-38A', () => {
  const out = Buffer.alloc(16);
  const key = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
  new AesCipher('aes-256-ctr', key).apply(hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), hex('6bc1bee22e409f96e93d7e117393172a'), out);
  assert.equal(out.toString('hex'), '601ec313775789a5b7a7f504bbf3d228');
});

test('what is sealed is opened again, and is what node:crypto decrypts', () => {
  const sealer = new Sealer(masterKey);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (plaintext) => {
      const sealed = sealer.seal(plaintext);
      assert.equal(sealed.byteLength, plaintext.byteLength + sealOverheadBytes);
      assert.deepEqual(Buffer.from(sealer.open(sealed)), Buffer.from(plaintext));
      const decipher = createDecipheriv('aes-256-ctr', masterKey.encrypt, sealed.subarray(0, 16));
      assert.deepEqual(decipher.update(sealed.subarray(16, -16)), Buffer.from(plaintext));
    }),
  );
});

test('no two seals are alike', () => {
  const sealer = new Sealer(masterKey);
  const seals = Array.from({ length: 1000 }, () => Buffer.from(sealer.seal(new Uint8Array(8))).toString('hex'));
  assert.equal(new Set(seals).size, seals.length);
});

test('a sealed message with any bit flipped, cut, grown or under another key is refused', () => {
  const sealer = new Sealer(masterKey);
  const sealed = sealer.seal(Buffer.from('to be kept'));
  const refused = (bytes: Uint8Array, by = sealer): void =>
    assert.throws(
      () => by.open(bytes),
      (error) => CodedError.is(error, 'file-damaged') && error.hint !== undefined,
    );
  for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
    const flipped = sealed.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    refused(flipped);
  }
  for (let length = 0; length < sealed.byteLength; length++) refused(sealed.subarray(0, length));
  refused(Buffer.concat([sealed, Buffer.from([0])]));
  for (const part of ['macK', 'macR'] as const) refused(sealed, new Sealer({ ...masterKey, [part]: Buffer.alloc(16, 0x44) }));
});
