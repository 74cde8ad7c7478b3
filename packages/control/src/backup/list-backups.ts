import type { Backup } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { readBackups } from './backup-view.ts';

/** All backups with their state, by name. */
export async function listBackups(context: ControlContext, _caller: Caller, _input?: unknown): Promise<Backup[]> {
  return await readBackups(context, context.database.tables);
}
