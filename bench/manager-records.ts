import { BackupConfig, type BackupReport, type ForgetReport, type ItemProblem, type ReportedError } from '@holdfast/contract';

/** Chooses one of them by a number, always the same one. */
export function pick<T>(choices: readonly T[], index: number): T {
  const chosen = choices[index % choices.length];
  if (chosen === undefined) throw new Error('There is nothing to choose from');
  return chosen;
}

const zones = ['Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Tokyo', 'Australia/Sydney'] as const;
const folders = ['home', 'srv/www', 'var/lib/mail', 'srv/projects', 'etc', 'var/lib/wiki'] as const;

/** The configuration of the backup of that number, which fires daily, next at that time. */
export function configOf(index: number, storageServerIds: readonly string[], nextMs: number): BackupConfig {
  const timeZone = pick(zones, index);
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(nextMs).toZonedDateTimeISO(timeZone);
  const jitterSeconds = index % 3 === 0 ? 300 : 0;
  const host = `host-${String(Math.floor(index / folders.length)).padStart(3, '0')}`;
  return BackupConfig.parse({
    name: `${host} ${pick(folders, index)}`,
    source: {
      driver: 'files',
      paths: [`/mnt/${host}/${pick(folders, index)}`, ...(index % 4 === 0 ? [`/mnt/${host}/usr/local`, `/mnt/${host}/root`] : [])],
      excludes: ['*.tmp', '*~', '.cache', 'node_modules', `/mnt/${host}/${pick(folders, index)}/scratch`],
      excludeCaches: true,
      oneFileSystem: index % 2 === 0,
    },
    storageServerIds,
    schedule: index % 10 === 9 ? { cron: `${minute} ${hour} * * *` } : { hours: [hour], minutes: [minute], jitterSeconds },
    timeZone,
    retention: index % 5 === 0 ? { keep_yearly_backups_for_years: 5, delete_oldest_backups_when_using_more_megabytes_than: null } : {},
    notifySuccess: index % 20 === 0,
  });
}

export interface ReportInput {
  readonly runId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly destinations: readonly { readonly id: string; readonly name: string; readonly snapshotId: string }[];
  readonly outcome: string;
  readonly files: number;
  readonly bytes: number;
  readonly addedBytes: number;
  readonly path: string;
}

export const failure: ReportedError = {
  code: 'storage-unreachable',
  message: 'The storage server did not answer: connect ECONNREFUSED 192.0.2.17:22',
  hint: 'See whether it is switched on and can be reached from this machine.',
  retry: 'temporary',
};

/** What the runner would report of such a run. */
export function backupReport(input: ReportInput): BackupReport {
  const { runId, startMs, endMs, outcome, files, bytes, addedBytes } = input;
  const isFailed = outcome === 'failed';
  const itemCount = outcome === 'partial' ? 20 : 0;
  const problem = (index: number): ItemProblem => ({
    path: `${input.path}/mailbox/cur/1764${String(index).padStart(6, '0')}.M${index}P1024.host:2,S`,
    kind: 'unreadable',
    reason: 'EACCES: permission denied, open',
  });
  return {
    kind: 'backup',
    runId,
    startMs,
    endMs,
    items: Array.from({ length: itemCount }, (_, index) => problem(index)),
    itemCount,
    error: isFailed ? failure : null,
    rootsAsked: 1,
    rootsFound: 1,
    sourceEnded: !isFailed,
    filesNew: Math.round(files / 200),
    filesChanged: Math.round(files / 100),
    filesUnmodified: files - Math.round(files / 200) - Math.round(files / 100),
    directories: Math.round(files / 12),
    files,
    bytes,
    itemsLeftOut: itemCount,
    destinations: input.destinations.map(({ id, name, snapshotId }) => ({
      storageServerId: id,
      name,
      snapshotId: isFailed ? null : snapshotId,
      reopened: !isFailed,
      treeMatches: !isFailed,
      dataBlobs: Math.round(addedBytes / 700_000),
      treeBlobs: Math.round(files / 120),
      addedBytes,
      storedBytes: Math.round(addedBytes * 0.6),
      error: isFailed ? failure : null,
    })),
  };
}

/** What a retention run would report that removed one snapshot. */
export function forgetReport(runId: string, startMs: number, endMs: number, removed: string, remaining: string[]): ForgetReport {
  return { kind: 'forget', runId, startMs, endMs, items: [], itemCount: 0, error: null, removed: [removed], remaining, ended: true };
}
