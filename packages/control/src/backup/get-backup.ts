import type { Backup } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { readBackup } from './backup-view.ts';

/** A backup with its state. `not-found`. */
export async function getBackup(context: ControlContext, _caller: Caller, { id }: { readonly id: string }): Promise<Backup> {
  return await readBackup(context, context.database.tables, id);
}
