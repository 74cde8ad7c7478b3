import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AccountNames } from './account-names.ts';

test('users and groups are looked up both ways', { skip: process.platform !== 'linux' }, () => {
  const names = new AccountNames();
  const fields = (file: string): string[][] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => line.split(':'));
  const seen = new Set<string>();
  for (const [name = '', , id] of fields('/etc/passwd')) {
    if (!seen.has(id ?? '')) assert.equal(names.userName(Number(id)), name);
    seen.add(id ?? '');
    assert.equal(names.userId(name), Number(id));
  }
  for (const [name = '', , id] of fields('/etc/group')) {
    assert.equal(names.groupName(Number(id)), name);
    assert.equal(names.groupId(name), Number(id));
  }
});

test('an unknown account has no name and no number', () => {
  const names = new AccountNames();
  assert.equal(names.userName(3_999_999_991), undefined);
  assert.equal(names.groupName(3_999_999_991), undefined);
  assert.equal(names.userId('no such user'), undefined);
  assert.equal(names.groupId('no such group'), undefined);
  assert.equal(names.userName(0), 'root');
});
