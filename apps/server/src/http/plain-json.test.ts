import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlainJson } from './plain-json.ts';

test('an answer is written as it is, null and text too', () => {
  for (const answer of [{ a: [1, null, 'x'], b: { c: true } }, [], null, 'text', 0])
    assert.equal(JSON.stringify(PlainJson.of(answer)), JSON.stringify(answer));
});

test('no answer and a stream of events stay what they are', async () => {
  async function* events(): AsyncGenerator<number> {
    yield 1;
  }
  const stream = events();
  assert.equal(PlainJson.of(stream), stream);
  assert.equal(PlainJson.of(undefined), undefined);
  await stream.return(undefined);
});
