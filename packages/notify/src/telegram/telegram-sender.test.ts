import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, ManualClock, Secret } from '@holdfast/kernel';
import { composeMessage } from '../message/compose-message.ts';
import { messageText } from '../message/layout-message.ts';
import type { Message } from '../message/message.ts';
import { type BotApiAnswer, badRequest, type Disturbance, FakeBotApi, failure } from '../testing/index.ts';
import { sampleNotice } from '../testing/sample-notice.ts';
import { TelegramSender } from './telegram-sender.ts';

const token = '4839201:AAcanary-canary_CANARY-canary_0123456';
const message = composeMessage(sampleNotice());

function senderTo(api: { readonly root: string }, options: { chat?: string; token?: string; timeoutMs?: number } = {}): TelegramSender {
  const { chat = '4711', timeoutMs } = options;
  const client = { apiRoot: api.root, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  return new TelegramSender({ token: new Secret(options.token ?? token), chat, client });
}

async function failureOf(work: Promise<unknown>): Promise<CodedError> {
  const error = await work.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(CodedError.is(error), String(error));
  assert.ok(error.hint !== undefined && error.hint.length > 10);
  return error;
}

test('a message arrives as it reads, with its title in bold and its link as one', async () => {
  await using api = await FakeBotApi.start({ token });
  await senderTo(api).send(message);
  assert.equal(api.messages.length, 1);
  const [arrived] = api.messages;
  assert.equal(arrived?.text, messageText(message));
  const shown = arrived?.entities.map(({ type, offset, length }) => [type, arrived.text.slice(offset, offset + length)]);
  assert.deepEqual(shown, [
    ['bold', message.title],
    ['text_link', message.link],
  ]);
});

test('words of a program are shown as code, so that no address or command in them becomes one to press', async () => {
  await using api = await FakeBotApi.start({ token });
  const words = '<b>cannot</b> read https://evil.example/x &amp; /start @somebody';
  const error = { code: 'source-unreadable', message: words, hint: null, retry: 'permanent' as const };
  await senderTo(api).send(composeMessage(sampleNotice({ event: 'failed', error })));
  const [arrived] = api.messages;
  const code = arrived?.entities.find(({ type }) => type === 'code');
  assert.equal(arrived?.text.slice(code?.offset, (code?.offset ?? 0) + (code?.length ?? 0)), words);
});

const refusals: readonly { readonly answer: BotApiAnswer; readonly says: RegExp; readonly hint: RegExp }[] = [
  { answer: failure(401, 'Unauthorized'), says: /does not know the token/, hint: /@BotFather/ },
  { answer: failure(404, 'Not Found'), says: /does not know the token/, hint: /@BotFather/ },
  { answer: badRequest('chat not found'), says: /sees no chat 4711/, hint: /press Start/ },
  { answer: failure(403, 'Forbidden: bot was blocked by the user'), says: /has blocked the bot/, hint: /Restart/ },
  { answer: failure(403, 'Forbidden: user is deactivated'), says: /is deleted/, hint: /another chat/ },
  { answer: failure(403, "Forbidden: bot can't initiate conversation with a user"), says: /never written/, hint: /press Start/ },
  { answer: failure(403, "Forbidden: bot can't send messages to bots"), says: /is a bot/, hint: /person or a group/ },
  { answer: failure(403, 'Forbidden: bot was kicked from the group chat'), says: /not in the chat 4711/, hint: /Add the bot/ },
  { answer: failure(403, 'Forbidden: bot is not a member of the channel chat'), says: /not in the chat 4711/, hint: /administrator/ },
  { answer: badRequest('not enough rights to send text messages to the chat'), says: /may not write/, hint: /Allow the bot/ },
  { answer: badRequest("can't parse entities: Unclosed start tag at byte offset 3"), says: /the form of the message/, hint: /defect/ },
  {
    answer: failure(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001234567890 }),
    says: /has become a supergroup/,
    hint: /-1001234567890/,
  },
  { answer: failure(418, 'Something new'), says: /refused the message .* \(418: Something new\)/, hint: /test message/ },
];

test('what Telegram refuses is permanent, and the hint says what to do', async () => {
  await using api = await FakeBotApi.start({ token });
  for (const { answer, says, hint } of refusals) {
    api.script.push({ kind: 'answer', answer });
    const error = await failureOf(senderTo(api).send(message));
    assert.deepEqual([error.code, error.retry], ['notification-refused', 'permanent']);
    assert.match(error.message, says);
    assert.match(error.hint ?? '', hint);
  }
});

test('the token and the chat are really checked', async () => {
  await using api = await FakeBotApi.start({ token });
  const wrongToken = await failureOf(senderTo(api, { token: `${token}x` }).send(message));
  assert.match(wrongToken.message, /does not know the token/);
  const noChat = await failureOf(senderTo(api, { chat: '@nowhere' }).send(message));
  assert.match(noChat.hint ?? '', /channel is called @nowhere/);
  assert.deepEqual(api.messages, []);
});

test('a pause that is asked for is said in milliseconds, and kept it lets the next message through', async () => {
  const clock = new ManualClock(0n);
  await using api = await FakeBotApi.start({ token, clock, pauseMs: 1000 });
  const sender = senderTo(api);
  await sender.send(message);
  const error = await failureOf(sender.send(message));
  assert.deepEqual([error.code, error.retry, error.context['retryAfterMs']], ['notification-unreachable', 'temporary', 1000]);
  clock.advance(1000);
  await sender.send(message);
  assert.equal(api.messages.length, 2);
});

const outages: readonly { readonly name: string; readonly disturbance: Disturbance; readonly mayHaveArrived?: boolean }[] = [
  { name: '500', disturbance: { kind: 'answer', answer: failure(500, 'Internal Server Error') } },
  { name: '502 page', disturbance: { kind: 'page', status: 502, body: '<html>Bad Gateway</html>' } },
  { name: 'portal', disturbance: { kind: 'page', status: 200, body: 'Please sign in' } },
  { name: 'other JSON', disturbance: { kind: 'page', status: 200, body: '{"status":"UP"}' } },
  { name: 'JSON null', disturbance: { kind: 'page', status: 200, body: 'null' } },
  { name: 'no message', disturbance: { kind: 'page', status: 200, body: '{"ok":true,"result":true}' } },
  { name: 'ok alone', disturbance: { kind: 'page', status: 200, body: '{"ok":true}' } },
  { name: 'huge', disturbance: { kind: 'page', status: 200, body: ' '.repeat(2_000_000) } },
  { name: 'reset', disturbance: { kind: 'reset' } },
  { name: 'silence', disturbance: { kind: 'silence' } },
  { name: 'slow', disturbance: { kind: 'slow', ms: 60_000 } },
  { name: 'dripping', disturbance: { kind: 'slow', ms: 60_000, dripping: true } },
];

for (const { name, disturbance } of outages) {
  test(`an outage is temporary and is told in time: ${name}`, async () => {
    await using api = await FakeBotApi.start({ token, clock: new ManualClock(0n) });
    api.outage = disturbance;
    const sender = senderTo(api, { timeoutMs: 300 });
    const error = await failureOf(sender.send(message));
    assert.deepEqual([error.code, error.retry, error.context['mayHaveArrived']], ['notification-unreachable', 'temporary', true]);
    api.outage = undefined;
    await sender.send(message);
    assert.equal(api.messages.length, 1);
  });
}

test('nobody there: temporary, and certainly not arrived', async () => {
  const api = await FakeBotApi.start({ token });
  const { root } = api;
  await api[Symbol.asyncDispose]();
  const error = await failureOf(senderTo({ root }).send(message));
  assert.deepEqual(
    [error.code, error.retry, error.context['systemCode'], error.context['mayHaveArrived']],
    ['notification-unreachable', 'temporary', 'ECONNREFUSED', false],
  );
});

test('a signal ends the call at once, with its own reason', async () => {
  await using api = await FakeBotApi.start({ token });
  api.outage = { kind: 'silence' };
  const reason = new CodedError({ code: 'cancelled', message: 'Stopped.' });
  const controller = new AbortController();
  const sending = senderTo(api).send(message, { signal: controller.signal });
  while (api.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(reason);
  await assert.rejects(sending, (error) => error === reason);
  await assert.rejects(senderTo(api).send(message, { signal: controller.signal }), (error) => error === reason);
  assert.equal(api.calls.length, 1);
});

test('identify tells who writes to whom, and its hints name the bot', async () => {
  await using api = await FakeBotApi.start({ token, botName: 'vault_bot', chats: { '-5': { type: 'group', title: 'Ops <1>' } } });
  assert.deepEqual(await senderTo(api, { chat: '-5' }).identify(), { botName: '@vault_bot', chatTitle: 'Ops <1>', chatType: 'group' });
  const error = await failureOf(senderTo(api).identify());
  assert.match(error.message, /@vault_bot sees no chat 4711/);
  assert.match(error.hint ?? '', /open @vault_bot in Telegram and press Start/);
  assert.deepEqual(api.messages, []);
});

test('a message of any length arrives, cut where it must be, with its title and its link', async () => {
  await using api = await FakeBotApi.start({ token });
  const long: Message = {
    severity: 'bad',
    title: 'Long & <wide>',
    lines: Array.from({ length: 80 }, (_, index) => ({ text: `${index} <&"> 😀 ${'&'.repeat(90)}`, verbatim: index % 2 === 0 })),
    facts: [],
    link: 'https://nas.example/runs/1?a=1&b=2',
  };
  await senderTo(api).send(long);
  const text = api.messages[0]?.text ?? '';
  assert.ok(text.length <= 4096 && text.length > 3990);
  assert.ok(text.startsWith('❌ Long & <wide>\n0 <&"> 😀 &&'));
  assert.ok(text.endsWith('…\n\nhttps://nas.example/runs/1?a=1&b=2'));
});

test('a message of exactly 4096 is whole, and one of 4097 is cut to 4096 without half a character', async () => {
  await using api = await FakeBotApi.start({ token });
  const ofLength = (length: number): Message => ({
    severity: 'bad',
    title: 'T',
    // Mark, space, title and line end are four; an odd number of units before the pairs puts the cut inside of one.
    lines: [{ text: `${'x'.repeat((length - 4) % 2)}${'😀'.repeat((length - 4 - ((length - 4) % 2)) / 2)}` }],
    facts: [],
    link: null,
  });
  for (const length of [4095, 4096]) {
    await senderTo(api).send(ofLength(length));
    assert.equal(api.messages.at(-1)?.text.length, length);
    assert.equal(api.messages.at(-1)?.text, messageText(ofLength(length)));
  }
  for (const length of [4097, 4098]) {
    await senderTo(api).send(ofLength(length));
    const text = api.messages.at(-1)?.text ?? '';
    assert.ok(text.length === 4095 || text.length === 4096, String(text.length));
    assert.match(text, /^❌ T\nx?(😀)+…$/u);
  }
});

test('an answer that is lost after the message was taken says that it may have arrived', async () => {
  await using api = await FakeBotApi.start({ token });
  api.script.push({ kind: 'reset', accepts: true });
  const error = await failureOf(senderTo(api).send(message));
  assert.deepEqual([error.retry, error.context['mayHaveArrived'], api.messages.length], ['temporary', true, 1]);
});
