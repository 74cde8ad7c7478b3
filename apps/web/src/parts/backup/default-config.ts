import type { BackupConfig } from '@holdfast/contract';
import { cleanSource } from '../source/new-source.ts';

/** What a new backup begins as: daily in the small hours, everything for a week and ever fewer after that. */
export function defaultConfig(timeZone: string, storageServerIds: readonly string[]): BackupConfig {
  return {
    name: '',
    chain: [],
    hooks: [],
    shrinkLimitPercent: 50,
    source: { driver: 'files', paths: [''], excludes: [], excludeCaches: true, oneFileSystem: false, excludeLargerThanBytes: null },
    storageServerIds: [...storageServerIds],
    schedule: { hours: [3], minutes: [30] },
    timeZone,
    retention: {
      keep_all_backups_for_days: 7,
      keep_daily_backups_for_days: 16,
      keep_weekly_backups_for_weeks: 8,
      keep_monthly_backups_for_months: 4,
      keep_yearly_backups_for_years: 2,
      delete_oldest_backups_when_using_more_megabytes_than: 5000,
      representative: 'latest',
    },
    compression: 'auto',
    timeLimitMinutes: 1440,
    retries: { times: 2, pauseMinutes: 5 },
    notifySuccess: false,
  };
}

/** As the server shall get it: without the lines that nobody filled in. */
export function cleanConfig(config: BackupConfig): BackupConfig {
  return { ...config, source: cleanSource(config.source) };
}
