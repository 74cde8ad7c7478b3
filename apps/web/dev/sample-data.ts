import type {
  ApiToken,
  AuditEntry,
  Backup,
  BackupConfig,
  Connection,
  Delivery,
  LogEntry,
  RunDetails,
  RunSummary,
  SnapshotEntry,
  StorageServer,
  StoredSnapshot,
} from '@holdfast/contract';

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** Everything that the fake server knows. */
export interface SampleData {
  servers: StorageServer[];
  backups: Backup[];
  connections: Connection[];
  runs: RunDetails[];
  snapshots: StoredSnapshot[];
  logs: Map<string, LogEntry[]>;
  tokens: ApiToken[];
  audit: AuditEntry[];
  deliveries: Delivery[];
}

export function idOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function snapshotIdOf(number: number): string {
  return (BigInt(number + 1) * 0x9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e95n)
    .toString(16)
    .slice(-64)
    .padStart(64, '3');
}

export const hostileNames = [
  '<img src=x onerror=alert(1)>.jpg',
  '"; rm -rf ~; echo ".sh',
  '{{constructor}} $t(shell.admin).txt',
  'line\\nbreak and\ttab.txt',
  'gpj.\u202Eexe.txt',
  `${'a-very-long-name-'.repeat(14)}.tar.zst`,
  'Ünïcödé 😀 日本語.pdf',
];

export function configOf(name: string, paths: string[], servers: string[], part: Partial<BackupConfig> = {}): BackupConfig {
  return {
    name,
    chain: [],
    hooks: [],
    shrinkLimitPercent: 50,
    source: {
      driver: 'files',
      paths,
      excludes: ['*.tmp', 'node_modules'],
      excludeCaches: true,
      oneFileSystem: false,
      excludeLargerThanBytes: null,
    },
    storageServerIds: servers,
    schedule: { hours: [3], minutes: [30] },
    timeZone: 'Europe/Berlin',
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
    ...part,
  };
}

export function serverOf(number: number, name: string, path: string, nowMs: number, part: Partial<StorageServer> = {}): StorageServer {
  return {
    id: idOf(number),
    name,
    options: { driver: 'local', path },
    repositoryId: snapshotIdOf(number),
    maintenance: { checkEveryDays: 7, readDataPercent: 10, pruneEveryDays: 7 },
    createdMs: nowMs - 400 * dayMs,
    recoveryKeyTakenMs: nowMs - 399 * dayMs,
    backupIds: [],
    status: {
      reachable: true,
      checkedMs: nowMs - 4 * 60_000,
      usedBytes: 412_316_860_416,
      freeBytes: 1_587_683_139_584,
      snapshots: 143,
      latencyMs: 1.4,
      error: null,
      lastCheckedWholeMs: nowMs - 2 * dayMs,
      lastReadDataMs: nowMs - 31 * dayMs,
    },
    ...part,
  };
}

export function runOf(number: number, title: string, startedMs: number, part: Partial<RunDetails> = {}): RunDetails {
  const endedMs = startedMs + 214_000;
  return {
    id: idOf(1000 + number),
    kind: 'backup',
    title,
    backupId: null,
    storageServerId: null,
    state: 'ended',
    outcome: 'succeeded',
    trigger: 'schedule',
    attempt: 1,
    dueMs: startedMs,
    startedMs,
    endedMs,
    files: 48_211,
    bytes: 96_636_764_160,
    addedBytes: 734_003_200,
    itemCount: 0,
    error: null,
    progress: null,
    report: null,
    reasons: [],
    configVersion: 3,
    config: null,
    worker: 'harbour-1',
    missedCount: 0,
    ...part,
  };
}

export function summaryOf(run: RunDetails): RunSummary {
  const { report: _r, reasons: _s, configVersion: _v, config: _c, worker: _w, missedCount: _m, ...summary } = run;
  return summary;
}

export function entriesOf(path: string, nowMs: number): SnapshotEntry[] {
  const base = path.endsWith('/') ? path : `${path}/`;
  const entry = (name: string, part: Partial<SnapshotEntry>): SnapshotEntry => ({
    name,
    path: `${base}${name}`,
    type: 'file',
    sizeBytes: 1_234_567,
    modifiedMs: nowMs - 12 * dayMs,
    mode: 0o644,
    linkTarget: null,
    ...part,
  });
  const directories = (...names: string[]): SnapshotEntry[] => names.map((name) => entry(name, { type: 'dir', sizeBytes: null }));
  if (path === '/postgres')
    return [entry('about.json', { sizeBytes: 2_204 }), ...directories('databases'), entry('roles.sql', { sizeBytes: 1_377 })];
  if (path === '/postgres/databases')
    return [
      entry('Analytics (old).dump', {}),
      entry('crm.dump', { sizeBytes: 733_003_200 }),
      entry('shop.dump', { sizeBytes: 9_126_805_504 }),
    ];
  if (path === '/')
    return [...directories('postgres'), entry('srv', { type: 'dir', sizeBytes: null }), entry('home', { type: 'dir', sizeBytes: null })];
  return [
    entry('2024', { type: 'dir', sizeBytes: null }),
    entry('Contracts & offers', { type: 'dir', sizeBytes: null }),
    entry('latest', { type: 'symlink', sizeBytes: null, linkTarget: '../2024/november' }),
    entry('docker.sock', { type: 'socket', sizeBytes: null }),
    ...hostileNames.map((name, index) => entry(name, { sizeBytes: 37 * 41 ** index })),
    ...Array.from({ length: 12 }, (_, index) =>
      entry(`report-${String(index + 1).padStart(2, '0')}.pdf`, { sizeBytes: 90_000 * (index + 3) }),
    ),
  ];
}
