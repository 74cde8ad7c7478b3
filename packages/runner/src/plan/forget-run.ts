import type { ForgetPlan, ForgetReport } from '@holdfast/contract';
import { forgetSnapshots } from '@holdfast/engine';
import { listSnapshotIds } from '../vault/list-snapshot-ids.ts';
import { openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';

/** Removes exactly the snapshots of these ids, and proves it by listing what is there before and after. */
export const forgetRun: PlanRun<ForgetPlan, ForgetReport> = {
  begin: (_plan, start) => ({ kind: 'forget', ...start, removed: [], remaining: [], ended: false }),

  execute: async (plan, report, context) => {
    const { teller } = context;
    const wanted = new Set(plan.snapshotIds);
    teller.advance({ step: 'Opening the storage server' });
    await using vault = await openLocked(plan.repository, context, { exclusive: true, index: false });
    const { repository, signal } = vault;
    try {
      const { failures } = await forgetSnapshots(repository, [...wanted], {
        signal,
        onProgress: ({ done, total }) => teller.advance({ step: 'Removing snapshots', filesDone: done, filesTotal: total }),
      });
      for (const { snapshotId, error } of failures)
        context.items.add({ path: `snapshot ${snapshotId}`, kind: 'deletion', reason: error.message });
    } finally {
      // Also after a failure half-way: what is gone is gone. Nobody's word counts, only what the storage lists now.
      const remaining = new Set(await listSnapshotIds(repository, context.signal.aborted ? undefined : context.signal));
      report.removed = [...wanted.difference(remaining)];
      report.remaining = [...remaining];
    }
    report.ended = true;
    const left = wanted.size - report.removed.length;
    teller.log('info', `Removed ${report.removed.length} of ${wanted.size} snapshots on ${vault.name}; ${report.remaining.length} remain`);
    if (left > 0) teller.log('error', `${left} snapshots are still there`);
  },
};
