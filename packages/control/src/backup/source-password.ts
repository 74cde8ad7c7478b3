import { Secret } from '@holdfast/kernel';
import type { ControlContext } from '../control-context.ts';

/** What the column of a backup holds: sealed, or null for none. */
export function sealSourcePassword({ sealer }: ControlContext, backupId: string, password: string | null): string | null {
  return password === null ? null : sealer.seal(new Secret(password), placeOf(backupId));
}

/** Null if there is none; `secret-unreadable` if it does not open. */
export function openSourcePassword({ sealer }: ControlContext, backupId: string, sealed: string | null): string | null {
  return sealed === null ? null : sealer.open(sealed, placeOf(backupId)).reveal();
}

/** The password that a backup knows for its source; null if there is none, or no such backup. */
export async function sourcePasswordOf(context: ControlContext, backupId: string | null | undefined): Promise<string | null> {
  if (backupId === null || backupId === undefined) return null;
  const row = await context.database.tables.selectFrom('backup').select('source_password').where('id', '=', backupId).executeTakeFirst();
  return openSourcePassword(context, backupId, row?.source_password ?? null);
}

function placeOf(id: string): { readonly table: string; readonly id: string; readonly column: string } {
  return { table: 'backup', id, column: 'source_password' };
}
