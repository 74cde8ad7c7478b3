import type { ApiToken } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { tokenHash } from './token-hash.ts';
import { toApiToken } from './token-view.ts';

export interface CreateTokenInput {
  readonly userId: string;
  readonly name: string;
  readonly scope: ApiToken['scope'];
  readonly expiresInDays: number;
}

const dayMs = 86_400_000;

/** Makes a token of 256 random bits. It is in the answer and nowhere else: the database has its hash. It goes with its user. */
export async function createToken(
  context: ControlContext,
  caller: Caller,
  { userId, name, scope, expiresInDays }: CreateTokenInput,
): Promise<{ token: string; record: ApiToken }> {
  const token = `hf_${Buffer.from(context.random.bytes(32)).toString('base64url')}`;
  const createdMs = nowMs(context.clock);
  const row = {
    id: newId(context),
    user_id: userId,
    name,
    scope,
    hash: tokenHash(token),
    created_ms: createdMs,
    expires_ms: createdMs + expiresInDays * dayMs,
    last_used_ms: null,
  };
  await context.database.transaction(async (tables) => {
    await tables.insertInto('api_token').values(row).execute();
    await writeAudit(context, tables, caller, {
      verb: 'account.create-token',
      object: `token ${name}`,
      details: `may ${scope}, for ${expiresInDays} days`,
    });
  });
  return { token, record: toApiToken(row) };
}
