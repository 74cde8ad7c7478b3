import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from './secret.ts';

const value = 'correct horse battery staple';

test('a secret gives its value to the one who asks for it', () => {
  assert.equal(new Secret(value).reveal(), value);
  assert.equal(new Secret('').reveal(), '');
});

test('a secret never prints', () => {
  const secret = new Secret(value);
  const nested = { list: [secret], map: new Map([['key', secret]]) };
  const printed = {
    template: `${secret}`,
    sum: `password: ${String(secret)}`,
    json: JSON.stringify({ secret, nested }),
    inspect: inspect(secret),
    deep: inspect(nested, { depth: null, showHidden: true, getters: true }),
    customOff: inspect(secret, { customInspect: false, showHidden: true }),
    formatString: format('%s', secret),
    formatObject: format('%o %O', secret, nested),
    formatJson: format('%j', nested),
    formatRest: format('failed', secret),
    error: inspect(new Error('failed', { cause: secret })),
  };
  for (const [way, text] of Object.entries(printed)) assert.ok(!text.includes(value), way);
  for (const way of ['template', 'inspect', 'formatString'] as const) assert.equal(printed[way], '***');
  assert.equal(printed.json, '{"secret":"***","nested":{"list":["***"],"map":{}}}');
});

test('a secret has no property that could be copied or listed', () => {
  const secret = new Secret(value);
  assert.deepEqual(Reflect.ownKeys(secret), []);
  assert.deepEqual(Object.entries({ ...secret }), []);
});
