import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, ManualClock, systemRandom } from '@holdfast/kernel';
import { Links } from './links.ts';

const target = { storedSnapshotId: '0'.repeat(32), path: '/etc/hosts', holder: 'session 1' };
const isExpired = (error: unknown) => CodedError.is(error, 'link-expired');

test('F74: a link is good once, for a minute, for whoever asked for it', () => {
  const clock = new ManualClock(0n);
  const links = new Links(clock, systemRandom);
  const token = links.make(target);
  assert.ok(token.length >= 43);
  assert.throws(() => links.take(token, 'session 2'), isExpired);
  assert.equal(links.take(token, 'session 1').path, '/etc/hosts');
  assert.throws(() => links.take(token, 'session 1'), isExpired);
  const late = links.make(target);
  clock.advance(60_000);
  assert.throws(() => links.take(late, 'session 1'), isExpired);
  assert.throws(() => links.take('guess', 'session 1'), isExpired);
});

test('links that nobody fetches do not pile up', () => {
  const links = new Links(new ManualClock(0n), systemRandom);
  const first = links.make(target);
  for (let count = 0; count < 1500; count++) links.make(target);
  const last = links.make(target);
  assert.throws(() => links.take(first, 'session 1'), isExpired);
  assert.equal(links.take(last, 'session 1').path, '/etc/hosts');
});
