import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '@holdfast/kernel';
import { PasswordHasher } from './password-hasher.ts';

test('a password is known again, another is not, and two hashes of one differ', async () => {
  const hasher = new PasswordHasher(systemRandom);
  const [first, second] = await Promise.all([hasher.hash('päss wörd'), hasher.hash('päss wörd')]);
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(first, second);
  assert.equal(await hasher.verify('pa\u0308ss wo\u0308rd', first), true);
  assert.equal(await hasher.verify('pass word', first), false);
  for (const text of ['', 'plain', '$argon2id$v=19$m=1,t=1,p=1$$', first.slice(0, -30)]) {
    assert.equal(await hasher.verify('päss wörd', text).catch(() => false), false, text);
  }
});
