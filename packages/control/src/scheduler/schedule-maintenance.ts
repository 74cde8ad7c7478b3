import { MaintenancePlan } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { nowMs } from '../now-ms.ts';
import { insertRun } from '../runs/insert-run.ts';

const dayMs = 24 * 3_600_000;
/** After one that did not succeed the next try waits, so that a storage server that is down is not asked all the time. */
const pauseMs = 6 * 3_600_000;

/**
 * Queues the checks and prunes that are due: so many days after the last one that succeeded, or after the storage server was added. They wait
 * in the queue until nothing else uses the storage server. Returns how many it queued.
 */
export async function scheduleMaintenance(context: ControlContext): Promise<number> {
  const servers = await context.database.tables
    .selectFrom('storage_server')
    .select(['id', 'name', 'maintenance', 'created_ms'])
    .orderBy('id')
    .execute();
  let count = 0;
  for (const server of servers) {
    const plan = MaintenancePlan.parse(JSON.parse(server.maintenance));
    const tasks = [
      { kind: 'check', everyDays: plan.checkEveryDays, request: { readDataPercent: plan.readDataPercent } },
      { kind: 'prune', everyDays: plan.pruneEveryDays, request: {} },
    ] as const;
    for (const { kind, everyDays, request } of tasks) {
      if (everyDays === null) continue;
      const isQueued = await context.database.transaction(async (tables) => {
        if (!(await isDue(tables, server.id, kind, nowMs(context.clock), server.created_ms, everyDays))) return false;
        const run = { kind, title: server.name, trigger: 'maintenance', storageServerId: server.id, request } as const;
        await insertRun(context, tables, run);
        return true;
      });
      if (isQueued) count++;
    }
  }
  return count;
}

async function isDue(
  tables: Tables,
  storageServerId: string,
  kind: string,
  now: number,
  createdMs: number,
  everyDays: number,
): Promise<boolean> {
  const runs = tables.selectFrom('run').where('storage_server_id', '=', storageServerId).where('kind', '=', kind);
  const unended = await runs.select('id').where('state', '!=', 'ended').limit(1).executeTakeFirst();
  if (unended !== undefined) return false;
  const last = await runs.select('ended_ms').orderBy('id', 'desc').limit(1).executeTakeFirst();
  const good = await runs.select('ended_ms').where('outcome', '=', 'succeeded').orderBy('id', 'desc').limit(1).executeTakeFirst();
  // Times from the future, of a clock that was set back, do not put it off.
  const since = [good?.ended_ms ?? createdMs, now].filter((ms) => ms <= now)[0] ?? now;
  const isPausing = last?.ended_ms !== undefined && last.ended_ms !== null && last.ended_ms <= now && now - last.ended_ms < pauseMs;
  return !isPausing && now - since >= everyDays * dayMs;
}
