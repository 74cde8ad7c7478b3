import { z } from 'zod';
import type { Tables } from '../database/database.ts';

export const telegramKey = 'telegram';

/** How Telegram is set up, as it is stored. */
export const TelegramSetting = z.object({
  enabled: z.boolean(),
  chat: z.string().nullable(),
  /** Sealed at table `setting`, id `telegram`, column `token`. */
  token: z.string().nullable(),
});
export type TelegramSetting = z.infer<typeof TelegramSetting>;

/** Undefined until somebody set it up. */
export async function readTelegramSetting(tables: Tables): Promise<TelegramSetting | undefined> {
  const row = await tables.selectFrom('setting').select('value').where('key', '=', telegramKey).executeTakeFirst();
  return row && TelegramSetting.parse(JSON.parse(row.value));
}

/** By which senders people are told of things. */
export async function enabledSenders(tables: Tables): Promise<readonly string[]> {
  const telegram = await readTelegramSetting(tables);
  return telegram?.enabled === true && telegram.chat !== null && telegram.token !== null ? ['telegram'] : [];
}
