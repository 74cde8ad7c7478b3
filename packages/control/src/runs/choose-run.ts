import { isExclusive } from './run-row.ts';

export interface WaitingRun {
  readonly id: string;
  readonly kind: string;
  readonly backupId: string | null;
  readonly storageServerIds: readonly string[];
  readonly notBeforeMs: number;
}

export interface BusyRun {
  readonly kind: string;
  readonly backupId: string | null;
  readonly storageServerIds: readonly string[];
}

export interface RunLimits {
  /** Backups and restores that use one storage server at a time. Default 2. */
  readonly perStorageServer: number;
  /** Runs of all kinds on one machine. Default 4. */
  readonly perHost: number;
}

export const defaultRunLimits: RunLimits = { perStorageServer: 2, perHost: 4 };

/** How long those that came later wait for one that wants a storage server for itself. After that a run that hangs would hold up others. */
const longestCourtesyMs = 10 * 60_000;

/**
 * The first of the waiting runs that may start beside those that run: one run of a backup at a time; `perStorageServer` on a storage server,
 * or one that has it for itself. Pure. Those that wait longest come first in `waiting`.
 */
export function chooseRun(
  waiting: Iterable<WaitingRun>,
  running: readonly BusyRun[],
  perStorageServer: number,
  nowMs: number,
): WaitingRun | undefined {
  const busyBackups = new Set(running.filter(({ kind }) => usesBackup(kind)).map(({ backupId }) => backupId));
  const shared = new Map<string, number>();
  const taken = new Set<string>();
  for (const { kind, storageServerIds } of running) {
    for (const id of storageServerIds) {
      if (isExclusive(kind)) taken.add(id);
      else shared.set(id, (shared.get(id) ?? 0) + 1);
    }
  }
  const reserved = new Set<string>();
  const courted = new Set<string>();
  for (const run of waiting) {
    if (run.backupId !== null && usesBackup(run.kind) && busyBackups.has(run.backupId)) continue;
    const most = isExclusive(run.kind) ? 1 : perStorageServer;
    const isFree = run.storageServerIds.every((id) => !taken.has(id) && !reserved.has(id) && (shared.get(id) ?? 0) < most);
    if (isFree) return run;
    if (!isExclusive(run.kind)) continue;
    for (const id of run.storageServerIds) {
      if (!courted.has(id) && nowMs - run.notBeforeMs < longestCourtesyMs) reserved.add(id);
      courted.add(id);
    }
  }
  return undefined;
}

/** Restores of a backup's snapshots may run beside it. */
function usesBackup(kind: string): boolean {
  return kind === 'backup' || kind === 'retention';
}
