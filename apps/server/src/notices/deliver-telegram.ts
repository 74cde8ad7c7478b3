import type { Notice } from '@holdfast/contract';
import { type ControlContext, getSetting, newId, nowMs, publicAddress, readTelegramSetting, telegramKey } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';

export interface TelegramDelivery {
  /** Where people reach this Holdfast, if it was told when it started. */
  readonly publicUrl: string | undefined;
  /** Of a Bot API server of one's own. */
  readonly apiRoot: string | undefined;
}

/** Sends a notice by Telegram as it is set up now. `notification-refused` where it is not. */
export async function deliverByTelegram(
  control: ControlContext,
  delivery: TelegramDelivery,
  notice: Notice,
  signal: AbortSignal,
): Promise<void> {
  const setting = await readTelegramSetting(control.database.tables);
  if (setting === undefined || setting.chat === null || setting.token === null) {
    throw new CodedError({
      code: 'notification-refused',
      message: 'Telegram is not set up',
      hint: "Enter a bot's token and a chat on the page Admin, Telegram.",
    });
  }
  const token = control.sealer.open(setting.token, { table: 'setting', id: telegramKey, column: 'token' });
  const { composeMessage, TelegramSender } = await import('@holdfast/notify');
  const { apiRoot, publicUrl } = delivery;
  const sender = new TelegramSender({ token, chat: setting.chat, ...(apiRoot === undefined ? {} : { client: { apiRoot } }) });
  const address = publicUrl ?? (await getSetting(control.database.tables, publicAddress));
  const link = address === null || notice.runId === null ? notice.link : `${address}/reports/${notice.runId}`;
  await sender.send(composeMessage({ ...notice, link }), { signal });
}

/** A notice that says only that notices arrive. */
export function testNotice(control: ControlContext): Notice {
  return {
    id: newId(control),
    event: 'test',
    atMs: nowMs(control.clock),
    timeZone: Temporal.Now.timeZoneId(),
    title: 'Holdfast',
    backupId: null,
    runId: null,
    runKind: null,
    destinations: [],
    files: null,
    bytes: null,
    addedBytes: null,
    durationMs: null,
    itemCount: 0,
    missedCount: 0,
    nextRunMs: null,
    error: null,
    link: null,
  };
}
