import { createHash } from 'node:crypto';
import type { Notice } from '@holdfast/contract';
import type { Clock, RandomSource } from '@holdfast/kernel';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { getSetting } from '../setting/get-setting.ts';
import { publicAddress } from '../setting/setting.ts';
import { enabledSenders } from './telegram-setting.ts';

/**
 * Puts a notice into the outbox, once for each sender that is in use. In the transaction of the event itself: so there is no event without
 * notice and none without event. With `onceFor`, the same text writes nothing a second time.
 */
export async function writeNotice(
  ports: { readonly clock: Clock; readonly random: RandomSource },
  tables: Tables,
  notice: Omit<Notice, 'id'>,
  onceFor?: string,
): Promise<void> {
  const senders = await enabledSenders(tables);
  if (senders.length === 0) return;
  const address = await getSetting(tables, publicAddress);
  const link = notice.link ?? (address === null || notice.runId === null ? null : `${address}/reports/${notice.runId}`);
  for (const sender of senders) {
    const id = onceFor === undefined ? newId(ports) : idOf(notice.atMs, `${sender}\0${onceFor}`);
    await tables
      .insertInto('notice')
      .values({
        id,
        sender,
        body: JSON.stringify({ id, ...notice, link } satisfies Notice),
        state: 'waiting',
        attempts: 0,
        created_ms: nowMs(ports.clock),
        next_attempt_ms: nowMs(ports.clock),
        delivered_ms: null,
        error: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
}

/** Like `newId`, but the same for the same text. */
function idOf(atMs: number, text: string): string {
  const time = (BigInt(atMs) * 1_000_000n).toString(16).padStart(16, '0');
  return time + createHash('sha256').update(text).digest('hex').slice(0, 16);
}
