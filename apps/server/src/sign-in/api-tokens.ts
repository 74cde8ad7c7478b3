import { type ControlContext, findToken } from '@holdfast/control';
import type { Identity } from './identity.ts';
import { withSignInTables } from './sign-in-tables.ts';

/** Whose token that is, or undefined where it is none, has expired, or its owner is gone. */
export async function identifyToken(control: ControlContext, token: string): Promise<Identity | undefined> {
  const found = await findToken(control, token);
  if (found === undefined) return undefined;
  const { id: tokenId, scope, name, userId } = found;
  const user = await withSignInTables(control.database.tables)
    .selectFrom('user')
    .select(['id', 'name', 'email'])
    .where('id', '=', userId)
    .executeTakeFirst();
  return user && { kind: 'token', user, tokenId, scope, actor: `token ${name}` };
}
