import { type CheckPlan, type CheckReport, mostItems } from '@holdfast/contract';
import { type AffectedPath, type CheckProgress, check, everyPack, type PackToRead, selectSubset } from '@holdfast/engine';
import { openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';
import { shownPath } from './shown-path.ts';

const steps: Readonly<Record<CheckProgress['step'], string>> = {
  'load-snapshots': 'Reading snapshots',
  'load-index': 'Reading the index',
  trees: 'Walking directories',
  'read-data': 'Reading data',
  affected: 'Finding out what is affected',
};

/** Looks for damage in a repository. */
export const checkRun: PlanRun<CheckPlan, CheckReport> = {
  begin: (_plan, start) => ({
    kind: 'check',
    ...start,
    errorCount: 0,
    errors: [],
    hints: [],
    damagedSnapshots: [],
    affectedPaths: [],
    packs: 0,
    packsRead: 0,
    bytesRead: 0,
    snapshots: 0,
    ended: false,
  }),

  execute: async (plan, report, { teller, random, ...context }) => {
    teller.advance({ step: 'Opening the storage server' });
    await using vault = await openLocked(plan.repository, { teller, random, ...context }, { exclusive: true, index: false });
    teller.log('info', `Opened ${vault.name}; looking for damage`);
    const percent = plan.readDataPercent;
    const selectPacks = (packs: readonly PackToRead[]): readonly PackToRead[] =>
      percent >= 100 ? everyPack(packs) : selectSubset(packs, { kind: 'percent', percent }, (limit) => random.below(limit));
    const found = await check(vault.repository, {
      ...(percent > 0 ? { selectPacks } : {}),
      findingLimit: mostItems,
      affectedLimit: mostItems,
      signal: vault.signal,
      onProgress: ({ step, done, total }) =>
        teller.advance(
          step === 'read-data'
            ? { step: steps[step], bytesDone: done, bytesTotal: total }
            : { step: steps[step], filesDone: done, ...(step === 'trees' ? {} : { filesTotal: total }) },
        ),
    });
    report.errorCount = found.errorCount;
    report.errors = found.errors.map(({ error }) => error.message);
    report.hints = found.hints.map(({ error }) => error.message);
    if (found.orphanedPacks.length > 0) report.hints.push(orphans(found.orphanedPacks.length));
    report.damagedSnapshots = [...found.damagedSnapshots];
    report.affectedPaths = found.affected.map(affectedText);
    report.packs = found.counts.packs;
    report.packsRead = found.counts.packsRead;
    report.bytesRead = found.counts.bytesRead;
    report.snapshots = found.counts.snapshots;
    await vault.lock.assertHeld(); // what was found counts only if nobody worked on the repository meanwhile
    report.ended = true;
    const { snapshots, trees, packs, packsRead } = found.counts;
    teller.log('info', `Looked at ${snapshots} snapshots, ${trees} directories and ${packs} packs; read the data of ${packsRead}`);
    if (found.errorCount === 0) teller.log('info', 'No errors were found');
    else teller.log('error', `The repository has ${found.errorCount === 1 ? '1 error' : `${found.errorCount} errors`}`);
  },
};

function affectedText({ snapshotId, path }: AffectedPath): string {
  return `${snapshotId.slice(0, 8)}:${shownPath(path)}`;
}

function orphans(count: number): string {
  return `${count} packs are named by no index: harmless left-overs of an interrupted run, which the next prune removes.`;
}
