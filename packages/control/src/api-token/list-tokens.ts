import type { ApiToken } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { toApiToken } from './token-view.ts';

/** The tokens of a user, the newest first, expired ones too. */
export async function listTokens(
  { database }: ControlContext,
  _caller: Caller,
  { userId }: { readonly userId: string },
): Promise<ApiToken[]> {
  const rows = await database.tables.selectFrom('api_token').selectAll().where('user_id', '=', userId).orderBy('id', 'desc').execute();
  return rows.map(toApiToken);
}
