import { resolve } from 'node:path';
import type { RestorePlan, RestoreReport } from '@holdfast/contract';
import { pathBytes, type RestoreProblem, type RestoreProgress, restore } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import { findNode } from '../vault/find-node.ts';
import { loadSnapshot } from '../vault/load-snapshot.ts';
import { TreeMemory } from '../vault/tree-memory.ts';
import { ExactPaths } from './exact-paths.ts';
import { type LockedVault, openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';
import type { RunContext } from './run-context.ts';
import { shownPath } from './shown-path.ts';

/** Restores a snapshot of files, or exactly the paths that were chosen of it. */
export const restoreRun: PlanRun<RestorePlan, RestoreReport> = {
  begin: (plan, start) => ({
    kind: 'restore',
    ...start,
    target: plan.target,
    filesPlanned: 0,
    filesRestored: 0,
    filesKept: 0,
    bytesWritten: 0,
    verified: false,
    dryRun: plan.dryRun,
    ended: false,
  }),

  execute: async (plan, report, context) => {
    refuseRepository(plan);
    const { teller } = context;
    teller.advance({ step: 'Opening the storage server' });
    await using vault = await openLocked(plan.repository, context, { exclusive: false, index: true });
    const { tree, time } = await loadSnapshot(vault.repository, plan.snapshotId, vault.signal);
    teller.log('info', `Opened ${vault.name}; restoring snapshot ${plan.snapshotId.slice(0, 8)} of ${time.slice(0, 19).replace('T', ' ')}`);
    const paths = await existingPaths(vault, tree, plan, context);
    if (plan.chain.length > 0) {
      const { restoreThroughChain } = await import('./restore-through-chain.ts');
      await restoreThroughChain(plan, report, context, { vault, tree, paths });
      report.ended = true;
      return tellResult(report, context);
    }
    const restored = await restore(vault.repository, {
      tree,
      target: pathBytes(plan.target),
      include: plan.paths.length === 0 ? undefined : new ExactPaths(paths),
      overwrite: plan.overwrite,
      dryRun: plan.dryRun,
      verify: plan.verify,
      signal: vault.signal,
      onProgress: (progress) => {
        takeFigures(report, progress);
        const isVerifying = progress.filesToVerify > 0;
        teller.advance({
          step: isVerifying ? 'Reading back what was restored' : 'Restoring files',
          filesDone: isVerifying ? progress.filesVerified : progress.filesRestored,
          filesTotal: isVerifying ? progress.filesToVerify : progress.totalFiles,
          ...(isVerifying ? {} : { bytesDone: progress.bytesRestored, bytesTotal: progress.totalBytes }),
          problems: context.items.count,
        });
      },
    });
    takeFigures(report, restored);
    for (const problem of restored.problems) context.items.add(itemOf(problem));
    report.ended = true;
    report.verified = plan.verify && !plan.dryRun && restored.filesVerified === restored.filesToVerify;
    tellResult(report, context);
  },
};

function takeFigures(report: RestoreReport, progress: RestoreProgress): void {
  report.filesPlanned = progress.totalFiles + progress.filesSkipped;
  report.filesRestored = progress.filesRestored;
  report.filesKept = progress.filesSkipped;
  report.bytesWritten = progress.bytesRestored;
}

/** What lies there is the only copy of many things, and nobody restores into it on purpose. */
function refuseRepository({ target, chain, repository: { storage } }: RestorePlan): void {
  if (chain.length > 0 || storage.driver !== 'local') return;
  const place = `${resolve(target)}/`;
  if (!place.startsWith(`${resolve(storage.path)}/`)) return;
  throw new CodedError({
    code: 'invalid-argument',
    message: `${target} is in the directory of the storage server itself`,
    hint: 'Restore to another directory.',
  });
}

/** Of the paths asked for, those that the snapshot has. The others are items; if there are only such, that is the run's error. */
async function existingPaths(vault: LockedVault, tree: string, plan: RestorePlan, context: RunContext): Promise<string[]> {
  const trees = new TreeMemory(vault.repository);
  const found: string[] = [];
  let firstError: unknown;
  for (const path of plan.paths) {
    try {
      await findNode(trees, tree, path, vault.signal);
      found.push(path);
    } catch (error) {
      if (!CodedError.is(error, 'path-not-found')) throw error;
      firstError ??= error;
      context.items.add({ path: shownPath(pathBytes(path)), kind: 'missing', reason: error.message });
    }
  }
  if (firstError !== undefined && found.length === 0) throw firstError;
  return found;
}

function itemOf({ path, kind, error }: RestoreProblem): { path: string; kind: string; reason: string } {
  const isDamage = /^(blob|file|format|storage)-/.test(error.code);
  return { path: `/${shownPath(path)}`, kind: kind === 'content' ? (isDamage ? 'damaged' : 'unwritable') : kind, reason: error.message };
}

function tellResult(report: RestoreReport, { teller, items }: RunContext): void {
  const verb = report.dryRun ? 'Would restore' : 'Restored';
  const kept = report.filesKept === 0 ? '' : `; ${report.filesKept} were left as they are`;
  teller.log('info', `${verb} ${report.filesRestored} of ${report.filesPlanned - report.filesKept} entries to ${report.target}${kept}`);
  if (report.verified) teller.log('info', 'Every restored file was read back and compared');
  if (items.count > 0)
    teller.log(
      'error',
      `${items.count} ${items.count === 1 ? 'entry is' : 'entries are'} missing or not as ${items.count === 1 ? 'it was' : 'they were'}`,
    );
}
