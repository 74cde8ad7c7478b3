import type { ApiToken } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { tokenHash } from './token-hash.ts';
import { toApiToken } from './token-view.ts';

/** How exactly the last use is known: a write for each request would be one too many. */
const useKnownWithinMs = 60_000;

/** What a token says who may do what, or undefined if it is unknown, revoked or expired. Notes its use. */
export async function findToken(
  { database, clock }: ControlContext,
  token: string,
): Promise<(ApiToken & { readonly userId: string }) | undefined> {
  const now = nowMs(clock);
  const row = await database.tables
    .selectFrom('api_token')
    .selectAll()
    .where('hash', '=', tokenHash(token))
    .where('expires_ms', '>', now)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.last_used_ms === null || now - row.last_used_ms >= useKnownWithinMs)
    await database.tables.updateTable('api_token').set({ last_used_ms: now }).where('id', '=', row.id).execute();
  return { ...toApiToken(row), userId: row.user_id };
}
