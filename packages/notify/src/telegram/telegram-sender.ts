import { CodedError, type Secret } from '@holdfast/kernel';
import { Api } from 'grammy';
import type { Message } from '../message/message.ts';
import type { Sender, SendOptions } from '../port/sender.ts';
import { strangeAnswer, telegramError } from './telegram-error.ts';
import { telegramHtml } from './telegram-html.ts';

export interface TelegramOptions {
  readonly token: Secret;
  /** The chat's number as a text, or `@channel`. */
  readonly chat: string;
  readonly client?: {
    /** Where the Bot API is, without a slash at the end. Default `https://api.telegram.org`. */
    readonly apiRoot?: string;
    /** For one call from the connection to the last byte of the answer. Default 30 s. */
    readonly timeoutMs?: number;
  };
}

/** Who writes to whom, as Telegram knows them. */
export interface TelegramIdentity {
  /** As `@holdfast_bot`. */
  readonly botName: string;
  /** The title of a group or a channel, the name of a person. */
  readonly chatTitle: string;
  readonly chatType: string;
}

type ApiSignal = NonNullable<Parameters<Api['getMe']>[0]>;

const defaultTimeoutMs = 30_000;
/** An answer of the Bot API to these calls has a few thousand. */
const mostAnswerBytes = 1024 * 1024;

/** Sends to one chat of Telegram, as one bot. Opens a connection for each call and holds none. */
export class TelegramSender implements Sender {
  readonly #options: TelegramOptions;
  readonly #api: Api;

  constructor(options: TelegramOptions) {
    this.#options = options;
    const { apiRoot, timeoutMs = defaultTimeoutMs } = options.client ?? {};
    this.#api = new Api(options.token.reveal(), {
      ...(apiRoot === undefined ? {} : { apiRoot }),
      timeoutSeconds: timeoutMs / 1000,
      // No agent that keeps connections: hours pass between messages, and a connection that died meanwhile leaves it open whether one arrived.
      baseFetchConfig: { agent: false, redirect: 'error', size: mostAnswerBytes } as Record<string, unknown>,
    });
  }

  async send(message: Message, options: SendOptions = {}): Promise<void> {
    const html = telegramHtml(message);
    const sent = await this.#call(options, {}, (signal) =>
      this.#api.sendMessage(this.#options.chat, html, { parse_mode: 'HTML', link_preview_options: { is_disabled: true } }, signal),
    );
    // Only an answer that names the message is proof that Telegram holds it.
    if (!Number.isSafeInteger(sent.message_id)) throw strangeAnswer();
  }

  /** Asks Telegram who the bot and the chat are, without writing anything. Errors as `send`, with the bot's name in the hints. */
  async identify(options: SendOptions = {}): Promise<TelegramIdentity> {
    const me = await this.#call(options, {}, (signal) => this.#api.getMe(signal));
    if (typeof me.username !== 'string') throw strangeAnswer();
    const botName = `@${me.username}`;
    const chat = await this.#call(options, { botName }, (signal) => this.#api.getChat(this.#options.chat, signal));
    const person = [chat.first_name, chat.last_name].filter((name) => name !== undefined).join(' ');
    return { botName, chatTitle: chat.title ?? person, chatType: chat.type };
  }

  async #call<T extends object>(
    { signal }: SendOptions,
    known: { readonly botName?: string },
    call: (signal: ApiSignal | undefined) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    let answer: T;
    try {
      // The library names the type of a shim; it uses of it what every AbortSignal has.
      answer = await call(signal as ApiSignal | undefined);
    } catch (error) {
      signal?.throwIfAborted();
      throw CodedError.is(error) ? error : telegramError(error, { token: this.#options.token, chat: this.#options.chat, ...known });
    }
    if (typeof answer !== 'object' || answer === null) throw strangeAnswer();
    return answer;
  }
}
