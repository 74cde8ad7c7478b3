import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from './mailbox.ts';

test('a mailbox gives what came in order, the same thing once, and waits no longer than it may', async () => {
  const mailbox = new Mailbox<string>((value) => value);
  const never = new AbortController().signal;
  for (const value of ['a', 'b', 'a']) mailbox.put(value);
  assert.deepEqual(await mailbox.take(1000, never), ['b', 'a']);
  assert.deepEqual(await mailbox.take(5, never), []);
  const waiting = mailbox.take(60_000, never);
  mailbox.put('c');
  assert.deepEqual(await waiting, ['c']);
  const stop = new AbortController();
  const stopped = mailbox.take(60_000, stop.signal);
  stop.abort();
  assert.deepEqual(await stopped, []);
});
