import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { notFound } from '../refusals.ts';

/** Revokes a token of that user at once. `not-found`, also for a token of somebody else. */
export async function deleteToken(
  context: ControlContext,
  caller: Caller,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<Record<string, never>> {
  await context.database.transaction(async (tables) => {
    const row = await tables
      .deleteFrom('api_token')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .returning('name')
      .executeTakeFirst();
    if (row === undefined) throw notFound('token', id);
    await writeAudit(context, tables, caller, { verb: 'account.delete-token', object: `token ${row.name}`, details: 'revoked' });
  });
  return {};
}
