import type { MeasurePlan, MeasureReport } from '@holdfast/contract';
import { unionGrowth } from '@holdfast/engine';
import { listSnapshotIds } from '../vault/list-snapshot-ids.ts';
import { loadSnapshot } from '../vault/load-snapshot.ts';
import { openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';

/** Counts what snapshots occupy together, as they are added one by one. */
export const measureRun: PlanRun<MeasurePlan, MeasureReport> = {
  begin: (_plan, start) => ({ kind: 'measure', ...start, growthBytes: [], missing: [], present: [], ended: false }),

  execute: async (plan, report, context) => {
    const { teller } = context;
    teller.advance({ step: 'Opening the storage server' });
    await using vault = await openLocked(plan.repository, context, { exclusive: false, index: true });
    const { repository, signal } = vault;
    report.present = await listSnapshotIds(repository, signal);
    const present = new Set(report.present);
    report.missing = plan.snapshotIds.filter((id) => !present.has(id));
    const wanted = plan.snapshotIds.filter((id) => present.has(id));
    const trees: string[] = [];
    for (const id of wanted) trees.push((await loadSnapshot(repository, id, signal)).tree);
    const growth = await unionGrowth(repository, trees, {
      signal,
      onProgress: ({ snapshotsDone, snapshotsTotal }) =>
        teller.advance({ step: 'Measuring snapshots', filesDone: snapshotsDone, filesTotal: snapshotsTotal }),
    });
    const bytes = new Map(wanted.map((id, i) => [id, growth[i] ?? 0]));
    report.growthBytes = plan.snapshotIds.map((id) => bytes.get(id) ?? 0);
    report.ended = true;
    teller.log('info', `Measured ${wanted.length} snapshots on ${vault.name}`);
  },
};
