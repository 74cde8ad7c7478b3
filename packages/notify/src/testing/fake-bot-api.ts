import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@holdfast/kernel';
import { cleanTelegramText, trimTelegramText } from './clean-telegram-text.ts';
import { type BotApiAnswer, badRequest, failure, ok } from './fake-bot-answers.ts';
import { EntitiesError, type FakeEntity, parseTelegramHtml } from './parse-telegram-html.ts';

export interface FakeChat {
  readonly type: 'private' | 'group' | 'supergroup' | 'channel';
  readonly title: string;
  /** What every message to it is answered with, such as `failure(403, 'Forbidden: bot was blocked by the user')`. */
  refusal?: BotApiAnswer;
}

/** A message that was accepted. */
export interface FakeMessage {
  readonly messageId: number;
  readonly chat: string;
  /** As people see it. */
  readonly text: string;
  readonly entities: readonly FakeEntity[];
  /** As it was sent. */
  readonly sent: string;
  readonly atMs: number;
}

/** What to do with one call, in place of answering it rightly. */
export type Disturbance =
  | { readonly kind: 'answer'; readonly answer: BotApiAnswer }
  /** An answer that is no JSON, as of a proxy. */
  | { readonly kind: 'page'; readonly status: number; readonly body: string }
  /** The connection is reset; with `accepts` after the message was taken. */
  | { readonly kind: 'reset'; readonly accepts?: boolean }
  | { readonly kind: 'silence' }
  /** Answers rightly after that time; with `dripping` the first byte comes at once. */
  | { readonly kind: 'slow'; readonly ms: number; readonly dripping?: boolean };

export interface FakeBotApiOptions {
  readonly token: string;
  readonly botName?: string;
  readonly chats?: Readonly<Record<string, FakeChat>>;
  /** The least time between two messages to one chat; sooner is a 429. Default 0: no limit. The real one allows about one each second. */
  readonly pauseMs?: number;
  readonly clock?: Clock;
}

/** A Bot API on loopback for tests: as strict as Telegram's with token, chat, markup, length and rate, and broken on demand. */
export class FakeBotApi implements AsyncDisposable {
  /** Accepted, in order. */
  readonly messages: FakeMessage[] = [];
  /** Each call that came in, as `sendMessage`. */
  readonly calls: string[] = [];
  /** For the next calls, one each. */
  readonly script: Disturbance[] = [];
  /** For every call while it is set and the script is empty. */
  outage: Disturbance | undefined;
  readonly chats: Map<string, FakeChat>;
  readonly #options: FakeBotApiOptions;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #lastMs = new Map<string, number>();

  private constructor(options: FakeBotApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.chats = new Map(Object.entries(options.chats ?? { '4711': { type: 'private', title: 'Ada' } }));
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  }

  static async start(options: FakeBotApiOptions, port = 0): Promise<FakeBotApi> {
    const api = new FakeBotApi(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    api.#server.once('error', reject);
    api.#server.listen(port, '127.0.0.1', resolve);
    await promise;
    return api;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** For the option `apiRoot`. */
  get root(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://bot.invalid');
    const [, token, method = ''] = /^\/bot([^/]*)\/([^/]+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const input = { ...Object.fromEntries(url.searchParams), ...(await readBody(request)) };
    this.calls.push(method);
    const disturbance = this.script.shift() ?? this.outage;
    const answer = (): BotApiAnswer => this.#answer(token, method, input);
    switch (disturbance?.kind) {
      case undefined:
        return reply(response, answer());
      case 'answer':
        return reply(response, disturbance.answer);
      case 'page':
        return void response.writeHead(disturbance.status, { 'content-type': 'text/html' }).end(disturbance.body);
      case 'reset':
        if (disturbance.accepts === true) answer();
        return void request.socket.resetAndDestroy();
      case 'silence':
        return;
      case 'slow':
        if (disturbance.dripping === true) response.writeHead(200, { 'content-type': 'application/json' }).write(' ');
        await this.#clock.sleep(disturbance.ms);
        return disturbance.dripping === true ? void response.end(JSON.stringify(answer())) : reply(response, answer());
    }
  }

  #answer(token: string | undefined, method: string, input: Readonly<Record<string, unknown>>): BotApiAnswer {
    // The real one knows a token's form, and answers what is no token as it does what is no method.
    if (token === undefined || !/^\d+:[\w-]+$/.test(token)) return failure(404, 'Not Found');
    if (token !== this.#options.token) return failure(401, 'Unauthorized');
    switch (method.toLowerCase()) {
      case 'getme': {
        const username = this.#options.botName ?? 'holdfast_test_bot';
        return ok({ id: Number(token.slice(0, token.indexOf(':'))), is_bot: true, first_name: 'Holdfast', username });
      }
      case 'getchat':
        return this.#withChat(input, (id, chat) => ok(describeChat(id, chat)));
      case 'sendmessage':
        return this.#withChat(input, (id, chat) => this.#accept(id, chat, input));
      default:
        return failure(404, 'Not Found: method not found');
    }
  }

  #withChat(input: Readonly<Record<string, unknown>>, then: (id: string, chat: FakeChat) => BotApiAnswer): BotApiAnswer {
    const id = String(input['chat_id'] ?? '');
    if (id === '') return badRequest('chat_id is empty');
    const chat = this.chats.get(id);
    return chat === undefined ? badRequest('chat not found') : then(id, chat);
  }

  #accept(id: string, chat: FakeChat, input: Readonly<Record<string, unknown>>): BotApiAnswer {
    const sent = input['text'];
    if (typeof sent !== 'string' || sent === '') return badRequest('message text is empty');
    const cleaned = cleanTelegramText(sent);
    if (cleaned === undefined) return badRequest('strings must be encoded in UTF-8');
    try {
      const parsed = input['parse_mode'] === 'HTML' ? parseTelegramHtml(cleaned) : { text: cleaned, entities: [] };
      const text = trimTelegramText(parsed.text);
      if (text === '') return badRequest('message text is empty');
      if (text.length > 4096) return badRequest('message is too long');
      if (chat.refusal !== undefined) return chat.refusal;
      const atMs = Number(this.#clock.nowNs() / 1_000_000n);
      const waitMs = (this.#lastMs.get(id) ?? -Infinity) + (this.#options.pauseMs ?? 0) - atMs;
      if (waitMs > 0)
        return failure(429, `Too Many Requests: retry after ${Math.ceil(waitMs / 1000)}`, { retry_after: Math.ceil(waitMs / 1000) });
      this.#lastMs.set(id, atMs);
      const messageId = this.messages.length + 1;
      this.messages.push({ messageId, chat: id, text, entities: parsed.entities, sent, atMs });
      return ok({ message_id: messageId, date: Math.floor(atMs / 1000), chat: describeChat(id, chat), text, entities: parsed.entities });
    } catch (error) {
      if (error instanceof EntitiesError) return badRequest(`can't parse entities: ${error.message}`);
      throw error;
    }
  }
}

function describeChat(id: string, chat: FakeChat): Readonly<Record<string, unknown>> {
  const name = chat.type === 'private' ? { first_name: chat.title } : { title: chat.title };
  return { id: id.startsWith('@') ? -1_001_000_000_000 : Number(id), type: chat.type, ...name };
}

function reply(response: ServerResponse, answer: BotApiAnswer): void {
  const status = answer.ok ? 200 : answer.error_code;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces).toString();
  if (body === '') return {};
  const isJson = request.headers['content-type']?.includes('application/json') === true;
  return isJson ? (JSON.parse(body) as Record<string, unknown>) : Object.fromEntries(new URLSearchParams(body));
}
