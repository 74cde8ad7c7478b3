import { CodedError, type Secret } from '@holdfast/kernel';
import { GrammyError, HttpError } from 'grammy';
import { foreignText } from '../message/single-line.ts';
import { redactToken } from './redact-token.ts';

export interface TelegramErrorContext {
  readonly token: Secret;
  readonly chat: string;
  /** The bot's name where it is known, as `@holdfast_bot`, for hints that name it. */
  readonly botName?: string | undefined;
}

/**
 * What a call of the Bot API failed with, for people and programs. The library's own errors hold the address that was called, and the token
 * with it, so none of them is passed on, not even as the cause: what is of use in them is written anew.
 */
export function telegramError(error: unknown, context: TelegramErrorContext): CodedError {
  if (error instanceof GrammyError && typeof error.error_code === 'number') return answeredError(error, context);
  if (error instanceof GrammyError) return strangeAnswer();
  if (error instanceof HttpError) return networkError(error.error, context.token);
  return networkError(error, context.token);
}

/** Something answered that is not the Bot API: a proxy, a portal, another service. */
export function strangeAnswer(): CodedError {
  return new CodedError({
    code: 'notification-unreachable',
    message: 'What answered in place of Telegram is no Bot API.',
    hint: 'See whether a proxy or a sign-in page stands between this machine and Telegram.',
    retry: 'temporary',
    context: { mayHaveArrived: true },
  });
}

function answeredError(error: GrammyError, context: TelegramErrorContext): CodedError {
  const status = error.error_code;
  const description = foreignText(redactToken(String(error.description ?? ''), context.token), 300);
  if (status === 429) return pauseAsked(error.parameters?.retry_after);
  if (status >= 500 || status < 400) {
    return new CodedError({
      code: 'notification-unreachable',
      message: `Telegram failed by itself (${status}: ${description}).`,
      hint: 'Telegram has a disturbance. Trying again later is enough.',
      retry: 'temporary',
      context: { status, mayHaveArrived: true },
    });
  }
  const { message, hint } = refusal(status, description, error.parameters?.migrate_to_chat_id, context);
  return new CodedError({ code: 'notification-refused', message, hint, context: { status, description } });
}

function pauseAsked(retryAfterSeconds: unknown): CodedError {
  const isKnown = typeof retryAfterSeconds === 'number' && Number.isFinite(retryAfterSeconds) && retryAfterSeconds >= 0;
  return new CodedError({
    code: 'notification-unreachable',
    message: isKnown ? `Telegram asks for a pause of ${retryAfterSeconds} s.` : 'Telegram asks for a pause.',
    hint: 'Too many messages came at once. Holdfast waits and tries again.',
    retry: 'temporary',
    context: { status: 429, mayHaveArrived: false, ...(isKnown ? { retryAfterMs: Math.ceil(retryAfterSeconds * 1000) } : {}) },
  });
}

interface Words {
  readonly message: string;
  readonly hint: string;
}

function refusal(status: number, description: string, newChat: number | undefined, { chat, botName }: TelegramErrorContext): Words {
  const bot = botName ?? 'the bot';
  if (status === 401 || status === 404) {
    return {
      message: 'Telegram does not know the token of the bot.',
      hint: 'Ask @BotFather for the token (/mybots, the bot, API Token) and enter it anew; an older one ends when a new one is made.',
    };
  }
  if (newChat !== undefined) {
    return { message: `The group ${chat} has become a supergroup.`, hint: `Enter its new number: ${newChat}.` };
  }
  const rule = rules.find(({ says }) => says.test(description));
  if (rule !== undefined) return rule.words(chat, bot);
  return {
    message: `Telegram refused the message for the chat ${chat} (${status}: ${description}).`,
    hint: 'Look whether the bot may write into that chat, and send a test message.',
  };
}

/** By the words that the Bot API uses; the first that fits. */
const rules: readonly { readonly says: RegExp; words(chat: string, bot: string): Words }[] = [
  {
    says: /chat not found|PEER_ID_INVALID|chat_id is empty/i,
    words: (chat, bot) => ({
      message: `${bot === 'the bot' ? 'The bot' : bot} sees no chat ${chat}.`,
      hint: chat.startsWith('@')
        ? `See that the channel is called ${chat}, and make ${bot} one of its administrators.`
        : `For a person: open ${bot} in Telegram and press Start. For a group: add ${bot} to it; its number begins with a minus.`,
    }),
  },
  {
    says: /blocked by the user/i,
    words: (chat, bot) => ({
      message: `The person behind the chat ${chat} has blocked the bot.`,
      hint: `Open ${bot} in Telegram and press Restart, or enter another chat.`,
    }),
  },
  {
    says: /user is deactivated/i,
    words: (chat) => ({ message: `The account behind the chat ${chat} is deleted.`, hint: 'Enter another chat.' }),
  },
  {
    says: /can't initiate conversation/i,
    words: (chat, bot) => ({
      message: `The person behind the chat ${chat} has never written to the bot.`,
      hint: `Open ${bot} in Telegram and press Start.`,
    }),
  },
  {
    says: /can't send messages to bots|to the bot/i,
    words: (chat) => ({
      message: `The chat ${chat} is a bot.`,
      hint: 'Bots do not write to bots: enter the number of a person or a group.',
    }),
  },
  {
    says: /kicked|not a member/i,
    words: (chat, bot) => ({
      message: `The bot is not in the chat ${chat}.`,
      hint: `Add ${bot} to it again; in a channel as an administrator.`,
    }),
  },
  {
    says: /not enough rights|have no rights|need administrator rights|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|TOPIC_CLOSED/i,
    words: (chat, bot) => ({ message: `The bot may not write into the chat ${chat}.`, hint: `Allow ${bot} to post there.` }),
  },
  {
    says: /can't parse entities|message is too long|message text is empty/i,
    words: () => ({
      message: 'Telegram does not take the form of the message.',
      hint: 'This is a defect of Holdfast: please report it with the details of this delivery.',
    }),
  },
];

/** Failures that come before anything was sent. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN']);

function networkError(error: unknown, token: Secret): CodedError {
  const code = systemCode(error);
  const text = error instanceof Error ? error.message : String(error);
  return new CodedError({
    code: 'notification-unreachable',
    message: `Telegram cannot be reached${code === undefined ? '' : ` (${code})`}.`,
    hint: 'See that this machine reaches api.telegram.org: its network, its name server and its firewall.',
    retry: 'temporary',
    context: { systemCode: code ?? null, mayHaveArrived: code === undefined || !neverSent.has(code) },
    cause: new Error(foreignText(redactToken(text, token), 500)),
  });
}

function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code) ? error.code : undefined;
}
