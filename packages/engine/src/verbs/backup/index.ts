export { absolutePath, backup } from './backup.ts';
export type { ItemProblem } from './backup-job.ts';
export type { BackupOptions, BackupProgress, BackupReport } from './backup-options.ts';
export { BackupWorkers } from './backup-workers.ts';
export { targetExists } from './missing-targets.ts';
