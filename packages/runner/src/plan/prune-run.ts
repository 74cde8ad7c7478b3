import type { PrunePlan, PruneReport } from '@holdfast/contract';
import { type PruneProgress, prune, type Repository, unusedShare } from '@holdfast/engine';
import { openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';

const steps: Readonly<Record<PruneProgress['step'], string>> = {
  'load-index': 'Reading the index',
  'find-used': 'Finding out what is in use',
  repack: 'Storing again what is in use',
  'rewrite-index': 'Writing the new index',
  remove: 'Removing what is not in use',
};

/** Frees the space of what no snapshot uses. */
export const pruneRun: PlanRun<PrunePlan, PruneReport> = {
  begin: (_plan, start) => ({
    kind: 'prune',
    ...start,
    bytesBefore: 0,
    bytesRemoved: 0,
    bytesRepacked: 0,
    packsRemoved: 0,
    bytesAfter: 0,
    ended: false,
  }),

  execute: async (plan, report, context) => {
    const { teller } = context;
    teller.advance({ step: 'Opening the storage server' });
    await using vault = await openLocked(plan.repository, context, { exclusive: true, index: false });
    teller.log('info', `Opened ${vault.name}; looking for what no snapshot uses`);
    report.bytesBefore = await packBytes(vault.repository, vault.signal);
    report.bytesAfter = report.bytesBefore;
    const { figures, failures, ...packs } = await prune(vault.repository, {
      maxUnusedBytes: plan.maxUnusedPercent >= 100 ? () => Number.MAX_SAFE_INTEGER : unusedShare(plan.maxUnusedPercent),
      signal: vault.signal,
      onProgress: ({ step, done, total }) =>
        teller.advance({ step: steps[step], filesDone: done, ...(step === 'find-used' ? {} : { filesTotal: total }) }),
    });
    for (const { pack, error } of failures) context.items.add({ path: `pack ${pack}`, kind: 'deletion', reason: error.message });
    report.bytesRepacked = figures.bytes.repack;
    const gone = [packs.removedPacks, packs.repackedPacks, packs.unreferencedPacks];
    report.packsRemoved = gone.reduce((sum, { length }) => sum + length, 0) - failures.length;
    report.bytesRemoved = figures.bytes.removeTotal;
    report.bytesAfter = await packBytes(vault.repository, vault.signal);
    report.ended = true;
    teller.log('info', `Removed ${report.packsRemoved} packs; the data take ${report.bytesAfter} bytes, ${report.bytesBefore} before`);
    if (failures.length > 0) teller.log('warning', `${failures.length} packs could not be removed; the next prune tries again`);
  },
};

/** What all packs take, as the storage lists them. */
async function packBytes(repository: Repository, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const { sizeBytes } of repository.storage.list('data', { signal })) bytes += sizeBytes;
  return bytes;
}
