import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, fromHex, Secret, systemRandom } from '@holdfast/kernel';
import { MasterKey } from './master-key.ts';
import { MasterKeySealer, sealingKeyId } from './master-key-sealer.ts';

const place = { table: 'storage_server', id: '18eb47f663d98000f0b3e22c085f6d9a', column: 'password' };
const key = new MasterKey(new Uint8Array(32).fill(7));

function sealer(): MasterKeySealer {
  return new MasterKeySealer(key, systemRandom);
}

const unreadable =
  (message: RegExp) =>
  (error: unknown): boolean =>
    CodedError.is(error, 'secret-unreadable') && message.test(error.message) && !/tomato/.test(error.message);

test('what was sealed opens at its place', () => {
  for (const text of ['tomato', '', 'x'.repeat(10_000), 'Zoë 💾\n']) {
    const sealed = sealer().seal(new Secret(text), place);
    assert.match(sealed, /^v1\.[0-9a-f]{16}\.[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal(sealingKeyId(sealed), key.id);
    assert.equal(sealer().open(sealed, place).reveal(), text);
    if (text !== '') assert.ok(!sealed.includes(text));
  }
});

test('F81 no two seals of one secret have a data key, a nonce or a text in common', () => {
  const parts = Array.from({ length: 200 }, () => sealer().seal(new Secret('tomato'), place).split('.').slice(2)).flat();
  assert.equal(new Set(parts).size, parts.length);
  const wraps = Array.from({ length: 200 }, () => sealer().seal(new Secret('tomato'), place).split('.')[2]?.slice(0, 16));
  assert.equal(new Set(wraps).size, wraps.length, 'nonces of the wrapped keys');
});

test('F81 known answer: every bit of randomness goes where it belongs', () => {
  let next = 0;
  const counting = { bytes: (count: number) => Uint8Array.from({ length: count }, () => next++), below: () => 0 };
  const sealed = new MasterKeySealer(key, counting).seal(new Secret('tomato'), place);
  assert.equal(next, 32 + 12 + 12, 'a data key and two nonces, all fresh');
  const [, , wrapped = '', nonce = ''] = sealed.split('.');
  assert.equal(Buffer.from(wrapped, 'base64url').subarray(0, 12).toString('hex'), '202122232425262728292a2b');
  assert.equal(Buffer.from(nonce, 'base64url').toString('hex'), '2c2d2e2f3031323334353637');
  // Made once and opened by another program's AES-GCM.
  assert.equal(
    sealed,
    'v1.a67f59c89fb6d820.ICEiIyQlJicoKSorbHAav-7rPNzq7UV6NcuUa16uxgUKClK4wd_3TC8WkeXvK41s1W-f0uxSSOg1OJe4.LC0uLzAxMjM0NTY3.JpJIdxb-4d8SZ1WR-mcza1BwPhKsHQ',
  );
});

test('a sealed text opens at no other row, column or table', () => {
  const sealed = sealer().seal(new Secret('tomato'), place);
  for (const other of [
    { ...place, id: '18eb47f663d98000f0b3e22c085f6d9b' },
    { ...place, column: 'options' },
    { ...place, table: 'setting' },
  ])
    assert.throws(() => sealer().open(sealed, other), unreadable(/changed, or moved/));
});

test('a sealed text of which one character differs does not open', () => {
  const sealed = sealer().seal(new Secret('tomato'), place);
  for (let index = 0; index < sealed.length; index++) {
    const character = sealed[index] === 'A' ? 'B' : 'A';
    const changed = sealed.slice(0, index) + character + sealed.slice(index + 1);
    // The last character of a base64url text has bits that mean nothing.
    const isSame = changed
      .split('.')
      .every((part, at) => Buffer.from(part, 'base64url').equals(Buffer.from(sealed.split('.')[at] ?? '', 'base64url')));
    if (!isSame) assert.throws(() => sealer().open(changed, place), unreadable(/./), changed);
  }
  for (const wrong of ['', 'tomato', 'v1.', 'v2.0707070707070707.a.b.c', sealed.slice(0, -4), `${sealed}.x`])
    assert.throws(() => sealer().open(wrong, place), unreadable(/./), wrong);
});

test('another master key is told by its id', () => {
  const other = new MasterKey(systemRandom.bytes(32));
  const sealed = new MasterKeySealer(other, systemRandom).seal(new Secret('tomato'), place);
  assert.throws(() => sealer().open(sealed, place), unreadable(new RegExp(`${other.id}, and this is ${key.id}`)));
});

test('a master key is 32 bytes as hexadecimal or base64, never printed', () => {
  const bytes = systemRandom.bytes(32);
  const expected = new MasterKey(bytes);
  const buffer = Buffer.from(bytes);
  for (const text of [
    buffer.toString('hex'),
    buffer.toString('hex').toUpperCase(),
    `${buffer.toString('base64')}\n`,
    buffer.toString('base64url'),
  ])
    assert.ok(MasterKey.parse(text, 'here').equals(expected), text);
  for (const wrong of ['', 'tomato', buffer.toString('hex').slice(1), buffer.subarray(1).toString('base64'), `${buffer.toString('hex')}00`])
    assert.throws(
      () => MasterKey.parse(wrong, 'HOLDFAST_MASTER_KEY'),
      (error) => CodedError.is(error, 'invalid-argument') && /HOLDFAST_MASTER_KEY/.test(error.message) && !/tomato/.test(error.message),
    );
  const printed = `${expected.toString()} ${JSON.stringify({ expected })}`;
  assert.ok(!printed.includes(buffer.toString('hex')) && printed.includes(expected.id));
  assert.equal(new MasterKey(fromHex('07'.repeat(32))).id, key.id);
});
