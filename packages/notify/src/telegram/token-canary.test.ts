import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { CodedError, ManualClock, Secret } from '@holdfast/kernel';
import { composeMessage } from '../message/compose-message.ts';
import { type Disturbance, FakeBotApi, failure } from '../testing/index.ts';
import { sampleNotice } from '../testing/sample-notice.ts';
import { redactToken } from './redact-token.ts';
import { TelegramSender } from './telegram-sender.ts';

const half = 'AAcanary-canary_CANARY-canary_0123456';
const token = `4839201:${half}`;
const echoed = failure(400, `Bad Request: no /bot${token}/ and no ${encodeURIComponent(token)} here`);

const disturbances: readonly (Disturbance | undefined)[] = [
  { kind: 'answer', answer: failure(401, 'Unauthorized') },
  { kind: 'answer', answer: echoed },
  { kind: 'answer', answer: failure(500, `at /bot${token}/sendMessage`) },
  { kind: 'page', status: 502, body: `<p>/bot${token}/</p>` },
  { kind: 'page', status: 200, body: '{"ok":true,"result":true}' },
  { kind: 'reset' },
  { kind: 'silence' },
  { kind: 'slow', ms: 60_000, dripping: true },
  // Nobody listens any more.
  undefined,
];

test('F78: the token of the bot is in no error, whatever fails', async () => {
  const printed: string[] = [];
  const message = composeMessage(sampleNotice());
  for (const disturbance of disturbances) {
    const api = await FakeBotApi.start({ token, clock: new ManualClock(0n) });
    const sender = new TelegramSender({ token: new Secret(token), chat: '4711', client: { apiRoot: api.root, timeoutMs: 200 } });
    api.outage = disturbance;
    if (disturbance === undefined) await api[Symbol.asyncDispose]();
    for (const work of [sender.send(message), sender.identify()]) {
      // A sender prints nothing either.
      await work.catch((error: unknown) => printed.push(everythingIn(error)));
    }
    printed.push(inspect(sender, { depth: 20, showHidden: true }));
    if (disturbance !== undefined) await api[Symbol.asyncDispose]();
  }
  // `identify` reads `{"ok":true,"result":true}` as no bot, and fails as well.
  assert.equal(printed.length, disturbances.length * 3);
  for (const text of printed) {
    for (const writing of [half, encodeURIComponent(half), Buffer.from(token).toString('base64')]) assert.ok(!text.includes(writing), text);
  }
});

test('F78: the token is found in every writing', () => {
  const secret = new Secret('1:a+b/c');
  const text = ['1:a+b/c', '1%3Aa%2Bb%2Fc', 'a+b/c', Buffer.from('1:a+b/c').toString('base64')].join(' ');
  assert.equal(redactToken(text, secret), '*** *** *** ***');
});

/** All that a log, a report or a debugger could show of an error. */
function everythingIn(error: unknown): string {
  assert.ok(CodedError.is(error));
  const chain: unknown[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    chain.push(each.message, each.stack, ...Reflect.ownKeys(each).map((key) => Reflect.get(each, key)));
  }
  return `${inspect(error, { depth: 20, showHidden: true })} ${inspect(chain, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`;
}
