import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { type RecoveryKit, recoveryKit } from './recovery-kit.ts';
import { readStorageServer } from './storage-server-view.ts';

/** Gives the password of the repository out, with how to use it, and notes who took it. `not-found`, `secret-unreadable`. */
export async function takeRecoveryKey(
  context: ControlContext,
  caller: Caller,
  { id }: { readonly id: string },
): Promise<RecoveryKit & { readonly password: string }> {
  const kit = await context.database.transaction(async (tables) => {
    const server = await readStorageServer(tables, id);
    const now = nowMs(context.clock);
    const row = await tables
      .updateTable('storage_server')
      .set({ recovery_key_taken_ms: now })
      .where('id', '=', id)
      .returning('password')
      .executeTakeFirstOrThrow();
    const password = context.sealer.open(row.password, { table: 'storage_server', id, column: 'password' }).reveal();
    await writeAudit(context, tables, caller, {
      verb: 'storage-servers.recovery-key',
      object: `storage server ${server.name}`,
      details: 'the password was given out',
    });
    return { ...recoveryKit(server, password, now), password };
  });
  context.changes.publish({ noun: 'storage-server', id });
  return kit;
}
