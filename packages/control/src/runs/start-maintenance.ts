import { MaintenancePlan, type RunSummary } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { findRun } from './find-run.ts';
import { insertRun } from './insert-run.ts';
import { runSummary } from './run-summary.ts';

export interface StartMaintenanceInput {
  readonly kind: 'check' | 'prune';
  readonly storageServerId: string;
  /** As the storage server's plan says if not given. */
  readonly readDataPercent?: number | undefined;
}

/** Queues a check or a prune now. One that waits already is the answer, and no second one is made. `not-found`. */
export async function startMaintenance(context: ControlContext, caller: Caller, input: StartMaintenanceInput): Promise<RunSummary> {
  const { kind, storageServerId } = input;
  const summary = await context.database.transaction(async (tables) => {
    const server = await tables
      .selectFrom('storage_server')
      .select(['name', 'maintenance'])
      .where('id', '=', storageServerId)
      .executeTakeFirst();
    if (server === undefined) {
      throw new CodedError({
        code: 'not-found',
        message: `There is no storage server ${storageServerId}`,
        hint: 'Look at the list of them.',
      });
    }
    const plan = MaintenancePlan.parse(JSON.parse(server.maintenance));
    const request = kind === 'check' ? { readDataPercent: input.readDataPercent ?? plan.readDataPercent } : {};
    const waiting = await tables
      .selectFrom('run')
      .selectAll()
      .where('storage_server_id', '=', storageServerId)
      .where('kind', '=', kind)
      .where('state', '=', 'queued')
      .where('request', '=', JSON.stringify(request))
      .executeTakeFirst();
    if (waiting !== undefined) return runSummary(waiting);
    const id = await insertRun(context, tables, { kind, title: server.name, trigger: 'person', storageServerId, request });
    await writeAudit(context, tables, caller, { verb: `runs.${kind}`, object: `storage server ${storageServerId}`, details: server.name });
    return runSummary(await findRun(tables, String(id)));
  });
  context.changes.publish({ noun: 'run', id: summary.id });
  return summary;
}
