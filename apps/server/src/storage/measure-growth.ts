import type { MeasureGrowth } from '@holdfast/control';
import { newId, repositoryAccess } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';
import type { Services } from '../http/services.ts';

const timeLimitMs = 120_000;
const memoryLimitMebibytes = 1024;

/** Counts what snapshots occupy, in a process of its own: it reads every tree of them. */
export function measureGrowth({ control }: Services, signal: AbortSignal): MeasureGrowth {
  return async (storageServerId, snapshotIds) => {
    const repository = await repositoryAccess(control, storageServerId);
    const plan = { kind: 'measure' as const, runId: newId(control), title: repository.name, repository, snapshotIds: [...snapshotIds] };
    const { executeInChild } = await import('@holdfast/runner');
    const end = await executeInChild(plan, { signal, onEvent: () => undefined, timeLimitMs, memoryLimitMebibytes });
    const { report } = end;
    if (end.exit.code === 0 && report?.kind === 'measure' && report.ended && report.missing.length === 0) return report.growthBytes;
    throw new CodedError({
      code: 'storage-unreachable',
      message: report?.error?.message ?? `What the snapshots on ${repository.name} occupy could not be counted`,
      hint: 'Look at the storage server, and try again.',
      retry: 'temporary',
    });
  };
}
