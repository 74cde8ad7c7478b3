import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ByteBudget } from './byte-budget.ts';

test('lets in what fits, in order, and what is too large alone', async () => {
  const budget = new ByteBudget(100);
  const entered: string[] = [];
  const enter = (name: string, bytes: number): void => void budget.acquire(bytes).then(() => entered.push(name));
  enter('a', 60);
  enter('b', 60);
  enter('c', 10); // would fit, but is not let in ahead of b
  await setImmediate();
  assert.deepEqual(entered, ['a']);
  budget.release(60);
  await setImmediate();
  assert.deepEqual(entered, ['a', 'b', 'c']);
  enter('large', 500);
  await setImmediate();
  budget.release(60);
  await setImmediate();
  assert.deepEqual(entered, ['a', 'b', 'c']);
  budget.release(10);
  await setImmediate();
  assert.deepEqual(entered, ['a', 'b', 'c', 'large']);
});
