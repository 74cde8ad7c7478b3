import type { TelegramSettings } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { readTelegramSetting } from '../notices/telegram-setting.ts';

/** How Telegram is set up and what became of the last message; never with its token. */
export async function getTelegram({ database }: ControlContext, _caller: Caller, _input?: unknown): Promise<TelegramSettings> {
  const { tables } = database;
  const setting = await readTelegramSetting(tables);
  const sent = tables.selectFrom('notice').where('sender', '=', 'telegram');
  const delivered = await sent.select(({ fn }) => fn.max('delivered_ms').as('last_ms')).executeTakeFirst();
  const tried = await sent.select(['state', 'error']).where('attempts', '>', 0).orderBy('id', 'desc').limit(1).executeTakeFirst();
  return {
    enabled: setting?.enabled ?? false,
    chat: setting?.chat ?? null,
    hasToken: (setting?.token ?? null) !== null,
    lastDeliveredMs: delivered?.last_ms ?? null,
    lastError: tried === undefined || tried.state === 'delivered' ? null : tried.error,
  };
}
