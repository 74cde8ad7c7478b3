import type { TelegramSettings } from '@holdfast/contract';
import { Secret } from '@holdfast/kernel';
import { describeChanges } from '../audit/describe-changes.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { readTelegramSetting, type TelegramSetting, telegramKey } from '../notices/telegram-setting.ts';
import { wrongField } from '../refusals.ts';
import { getTelegram } from './get-telegram.ts';

export interface SetTelegramInput {
  readonly enabled: boolean;
  readonly chat: string;
  /** Not given: it stays as it is. */
  readonly token?: string | undefined;
}

/** Sets Telegram up. `invalid-argument` if it is to be used and there is no token. */
export async function setTelegram(context: ControlContext, caller: Caller, input: SetTelegramInput): Promise<TelegramSettings> {
  const { enabled, chat, token } = input;
  await context.database.transaction(async (tables) => {
    const before = await readTelegramSetting(tables);
    const place = { table: 'setting', id: telegramKey, column: 'token' };
    const sealed = token === undefined ? (before?.token ?? null) : context.sealer.seal(new Secret(token), place);
    if (enabled && sealed === null)
      throw wrongField('token', 'Telegram needs the token of a bot', 'Make a bot with @BotFather and enter its token.');
    const after: TelegramSetting = { enabled, chat, token: sealed };
    const value = JSON.stringify(after);
    await tables
      .insertInto('setting')
      .values({ key: telegramKey, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
    const open = (setting: TelegramSetting | undefined): object => ({ enabled: setting?.enabled ?? false, chat: setting?.chat ?? null });
    const changes = describeChanges(open(before), open(after));
    await writeAudit(context, tables, caller, {
      verb: 'notifications.set-telegram',
      object: 'setting telegram',
      details: token === undefined ? changes : `${changes}; another token`,
    });
  });
  context.changes.publish({ noun: 'notification', id: telegramKey });
  return await getTelegram(context, caller);
}
