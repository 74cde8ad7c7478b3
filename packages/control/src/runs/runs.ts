import { cancelRun } from './cancel-run.ts';
import { getRun } from './get-run.ts';
import { listRuns } from './list-runs.ts';
import { readRunLog } from './read-run-log.ts';
import { startMaintenance } from './start-maintenance.ts';
import { startPush } from './start-push.ts';
import { startRestore } from './start-restore.ts';

/** The verbs of the noun `runs`; its `events` are `followRun`. */
export const runs = {
  list: listRuns,
  get: getRun,
  log: readRunLog,
  cancel: cancelRun,
  startMaintenance,
  startRestore,
  startPush,
} as const;
