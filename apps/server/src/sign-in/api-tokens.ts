import { createHash } from 'node:crypto';
import { ApiToken } from '@holdfast/contract';
import type { Database } from '@holdfast/control';
import type { Clock } from '@holdfast/kernel';
import type { Identity } from './identity.ts';
import { withSignInTables } from './sign-in-tables.ts';

const noteUseEveryMs = 60_000;

/** Whose token that is, or undefined where it is none, has expired, or its owner is gone. */
export async function identifyToken(database: Database, clock: Clock, token: string): Promise<Identity | undefined> {
  const hash = createHash('sha256').update(token).digest('hex');
  const nowMs = Number(clock.nowNs() / 1_000_000n);
  const row = await withSignInTables(database.tables)
    .selectFrom('api_token')
    .innerJoin('user', 'user.id', 'api_token.user_id')
    .select(['api_token.id as token_id', 'api_token.name as token_name', 'scope', 'expires_ms', 'last_used_ms'])
    .select(['user.id as user_id', 'user.name as user_name', 'email'])
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined || Number(row.expires_ms) <= nowMs) return undefined;
  if (nowMs - Number(row.last_used_ms ?? 0) > noteUseEveryMs) {
    await database.tables.updateTable('api_token').set({ last_used_ms: nowMs }).where('id', '=', row.token_id).execute();
  }
  return {
    kind: 'token',
    user: { id: row.user_id, name: row.user_name, email: row.email },
    tokenId: row.token_id,
    scope: ApiToken.shape.scope.parse(row.scope),
    actor: `token ${row.token_name}`,
  };
}
