import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedPipe } from './bounded-pipe.ts';

const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, turn().then(() => pending)])) === pending;
}

async function readAll(pipe: BoundedPipe): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of pipe) parts.push(bytes);
  return Buffer.concat(parts).toString();
}

void test('a pipe lets its writer wait once its room is used up, and go on when somebody reads', async () => {
  const pipe = new BoundedPipe(10);
  await pipe.write(Buffer.from('12345'));
  const full = pipe.write(Buffer.from('67890'));
  assert.ok(await isPending(full));
  const reader = pipe[Symbol.asyncIterator]();
  assert.equal(Buffer.from((await reader.next()).value ?? []).toString(), '12345');
  await full;
  pipe.end();
  assert.equal(Buffer.from((await reader.next()).value ?? []).toString(), '67890');
  assert.equal((await reader.next()).done, true);
});

void test('what is held is read before the end, but not before a failure', async () => {
  const ended = new BoundedPipe();
  await ended.write(Buffer.from('all of it'));
  ended.end();
  assert.equal(await readAll(ended), 'all of it');
  const failed = new BoundedPipe();
  await failed.write(Buffer.from('a part'));
  failed.fail(new Error('broken'));
  await assert.rejects(readAll(failed), /broken/);
});

void test('a reader that leaves frees the writer, and what is written then goes nowhere', async () => {
  const pipe = new BoundedPipe(1);
  const writing = pipe.write(Buffer.from('abc'));
  for await (const bytes of pipe) {
    assert.equal(bytes.length, 3);
    break;
  }
  await writing;
  await pipe.write(Buffer.alloc(1000));
  assert.ok(pipe.isAbandoned);
  await pipe.drained();
});

void test('a pipe is drained when it has ended and all of it was read', async () => {
  const pipe = new BoundedPipe();
  await pipe.write(Buffer.from('x'));
  const drained = pipe.drained();
  pipe.end();
  assert.ok(await isPending(drained));
  await readAll(pipe);
  await drained;
  const empty = new BoundedPipe();
  empty.end();
  await empty.drained();
});

void test('a short piece does not keep the large block that it is a part of', async () => {
  const pipe = new BoundedPipe();
  const block = Buffer.alloc(64 * 1024);
  await pipe.write(block.subarray(10, 20));
  pipe.end();
  for await (const bytes of pipe) assert.equal(bytes.buffer.byteLength, 10);
});
