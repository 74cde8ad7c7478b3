import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentUser } from './current-user.ts';

test('a user whom the system does not know has numbers and no name', () => {
  const unknown = currentUser(() => {
    throw Object.assign(new Error('A system error occurred: uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' });
  });
  assert.deepEqual(unknown, { username: '', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  assert.deepEqual(
    currentUser(() => ({ username: 'someone', uid: -1, gid: -1 })),
    { username: 'someone', uid: 0, gid: 0 },
  );
});
