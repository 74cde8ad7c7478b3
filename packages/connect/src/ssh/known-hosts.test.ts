import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { fingerprint, formatHostKey, parseHostKey } from './host-key.ts';
import { hostKeysFromKnownHosts } from './known-hosts.ts';

/** A key of that algorithm as it is written, with content that is its own. */
function keyLike(algorithm: string, content: string): string {
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer).reverse(), bytes]);
  return `${algorithm} ${Buffer.concat([part(Buffer.from(algorithm)), part(Buffer.from(content.padEnd(32, '.')))]).toString('base64')}`;
}

const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((content) => keyLike('ssh-ed25519', content)) as [
  string,
  string,
  string,
  string,
];
const hashed = (name: string): string => {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

test('keys are found by name, address, port, pattern and hash', () => {
  const file = [
    '# a comment',
    '',
    `db1.example.org,192.0.2.1 ${one} a comment`,
    `[db1.example.org]:2222 ${two}`,
    `*.inner,!secret.inner ${three}`,
    `${hashed('hidden')} ${four}`,
    `${hashed('[hidden]:2200')} ${one}`,
    'db1.example.org ssh-ed25519 nonsense',
    'half a line',
  ].join('\n');
  const keys = (host: string, port = 22): string[] => hostKeysFromKnownHosts(file, { host, port }).map(formatHostKey);
  assert.deepEqual(keys('db1.example.org'), [one]);
  assert.deepEqual(keys('DB1.example.org'), [one]);
  assert.deepEqual(keys('192.0.2.1'), [one]);
  assert.deepEqual(keys('db1.example.org', 2222), [two]);
  assert.deepEqual(keys('a.inner'), [three]);
  assert.deepEqual(keys('secret.inner'), []);
  assert.deepEqual(keys('hidden'), [four]);
  assert.deepEqual(keys('hidden', 2200), [one]);
  assert.deepEqual(keys('other'), []);
});

test('a dot in a name is a dot', () => {
  assert.deepEqual(hostKeysFromKnownHosts(`a.b ${one}`, { host: 'axb', port: 22 }), []);
});

test('revoked keys and authorities are not keys of a host', () => {
  const file = `db1 ${one}\ndb1 ${two}\n@revoked * ${two}\n@cert-authority db1 ${three}\r\n`;
  assert.deepEqual(hostKeysFromKnownHosts(file, { host: 'db1', port: 22 }).map(formatHostKey), [one]);
});

test('a host key is two words of which the second says the first', () => {
  assert.deepEqual(formatHostKey(parseHostKey(`  ${one}  comment`)), one);
  assert.match(fingerprint(parseHostKey(one)), /^SHA256:[A-Za-z0-9+/]{43}$/);
  const [, base64 = ''] = one.split(' ');
  for (const wrong of ['', 'ssh-ed25519', `ssh-rsa ${base64}`, `${one.slice(0, 20)}`, `-oX ${base64}`, `ssh-ed25519 ${base64}\u0000`]) {
    assert.throws(
      () => parseHostKey(wrong),
      (error) => CodedError.is(error, 'invalid-argument'),
      wrong,
    );
  }
});
