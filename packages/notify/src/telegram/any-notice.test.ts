import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '@holdfast/contract';
import { Secret } from '@holdfast/kernel';
import fc from 'fast-check';
import { composeMessage } from '../message/compose-message.ts';
import { messageText } from '../message/layout-message.ts';
import type { Message } from '../message/message.ts';
import { FakeBotApi, type FakeMessage } from '../testing/index.ts';
import { TelegramSender } from './telegram-sender.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '150');
const token = '4839201:AAcanary-canary_CANARY-canary_0123456';

const hostile = fc.constantFrom(
  ...[
    '<b>',
    '</b>',
    '<',
    '>',
    '&',
    '&amp;',
    '&lt',
    '&#60;',
    '"',
    '<!--',
    '<a href="tg://user?id=1">',
    '\\',
    '*',
    '_',
    '`',
    '\n',
    '\r\n',
    '\0',
  ],
  ...[
    '\u202e',
    '\u2066',
    '\u2067',
    '\u200f\u200f',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\u030a',
    'A\u030a',
    '\u0301',
    '\ud83d',
    '\ude00',
    '👩‍👩‍👧',
    '👍🏽',
  ],
  ...['שלום', 'مرحبا', 'https://evil.example', '@admin', '/start', '\u00a0', ' ', '\t', '￾', '\u{e0041}'],
);
const text = fc.oneof(
  fc.array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.array(fc.nat(0xffff), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc.tuple(hostile, fc.nat(3000)).map(([part, times]) => part.repeat(times)),
);
const count = fc.oneof(fc.nat(), fc.maxSafeInteger());
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const instant = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.maxSafeInteger());

const anyNotice: fc.Arbitrary<Notice> = fc.record({
  id: fc.constant('0198c0de-0000-7000-8000-000000000001'),
  event: fc.constantFrom('failed', 'warning', 'recovered', 'missed', 'overdue', 'succeeded', 'test'),
  atMs: instant,
  timeZone: fc.oneof(fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu', 'UTC'), text),
  title: text,
  backupId: maybe(fc.constant('0198c0de-0000-7000-8000-000000000002')),
  runId: maybe(fc.constant('0198c0de-0000-7000-8000-000000000003')),
  runKind: maybe(fc.oneof(fc.constantFrom('backup', 'restore', 'check', 'prune', 'retention'), text)),
  destinations: fc.array(fc.record({ name: text, ok: fc.boolean(), text }), { maxLength: 15 }),
  files: maybe(count),
  bytes: maybe(count),
  addedBytes: maybe(count),
  durationMs: maybe(count),
  itemCount: count,
  missedCount: count,
  nextRunMs: maybe(instant),
  error: maybe(fc.record({ code: text, message: text, hint: maybe(text), retry: fc.constantFrom('permanent', 'temporary') })),
  link: maybe(fc.oneof(text, fc.webUrl({ withQueryParameters: true, withFragments: true }))),
});

const anyMessage: fc.Arbitrary<Message> = fc.record({
  severity: fc.constantFrom('good', 'information', 'warning', 'bad'),
  title: text.map((title) => `T${title}`),
  lines: fc.array(fc.record({ text, verbatim: fc.boolean() }), { maxLength: 12 }),
  facts: fc.array(fc.record({ label: text, value: text, ok: fc.boolean() }), { maxLength: 12 }),
  link: maybe(fc.webUrl({ withQueryParameters: true, withFragments: true })),
});

/** Compares what arrived with what was to be read; true if it had to be cut. */
function assertArrived(arrived: FakeMessage | undefined, message: Message): boolean {
  const expected = messageText(message);
  assert.ok(arrived !== undefined && arrived.text.length <= 4096);
  assert.ok(!/\p{Cc}|[\u202a-\u202e]/u.test(arrived.text.replaceAll('\n', '')));
  const links = arrived.entities.filter(({ type }) => type === 'text_link').map(({ url }) => url);
  assert.deepEqual(links, message.link === null ? [] : [message.link]);
  if (expected.length <= 4096) {
    assert.equal(arrived.text, expected);
    return false;
  }
  const end = message.link === null ? '…' : `…\n\n${message.link}`;
  assert.ok(arrived.text.endsWith(end));
  assert.ok(expected.startsWith(arrived.text.slice(0, -end.length)));
  return true;
}

async function start(): Promise<{ api: FakeBotApi; sender: TelegramSender }> {
  const api = await FakeBotApi.start({ token });
  return { api, sender: new TelegramSender({ token: new Secret(token), chat: '4711', client: { apiRoot: api.root } }) };
}

test('any notice arrives once, with exactly its text and its title in bold', async () => {
  const { api, sender } = await start();
  await using _ = api;
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(anyNotice, async (notice) => {
      const message = composeMessage(notice);
      await sender.send(message);
      sent += 1;
      assert.equal(api.messages.length, sent);
      const arrived = api.messages.at(-1);
      assertArrived(arrived, message);
      const bold = arrived?.entities.find(({ type }) => type === 'bold');
      assert.equal(arrived?.text.slice(bold?.offset, (bold?.offset ?? 0) + (bold?.length ?? 0)), message.title);
    }),
    { numRuns, endOnFailure: true },
  );
});

test('any message arrives with exactly its text, or with its beginning and its link where that is too long', async () => {
  const { api, sender } = await start();
  await using _ = api;
  let cut = 0;
  await fc.assert(
    fc.asyncProperty(anyMessage, async (message) => {
      await sender.send(message);
      if (assertArrived(api.messages.at(-1), message)) cut += 1;
    }),
    { numRuns, endOnFailure: true },
  );
  assert.ok(numRuns < 100 || (cut > numRuns / 20 && cut < numRuns), `${cut} were too long`);
});
