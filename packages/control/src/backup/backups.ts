import { cloneBackup } from './clone-backup.ts';
import { createBackup } from './create-backup.ts';
import { getBackup } from './get-backup.ts';
import { listBackups } from './list-backups.ts';
import { listVersions } from './list-versions.ts';
import { previewRetention } from './preview-retention.ts';
import { previewSchedule } from './preview-schedule.ts';
import { removeBackup } from './remove-backup.ts';
import { runBackup } from './run-backup.ts';
import { setPaused } from './set-paused.ts';
import { updateBackup } from './update-backup.ts';

/** The verbs of the noun `backups`. */
export const backups = {
  list: listBackups,
  get: getBackup,
  create: createBackup,
  update: updateBackup,
  clone: cloneBackup,
  setPaused,
  run: runBackup,
  remove: removeBackup,
  versions: listVersions,
  previewRetention,
  previewSchedule,
} as const;
