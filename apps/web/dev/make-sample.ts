import type { RunDetails, Source, StoredSnapshot } from '@holdfast/contract';
import { sampleConnections } from './sample-chains.ts';
import { configOf, dayMs, hostileNames, hourMs, idOf, runOf, type SampleData, serverOf, snapshotIdOf, summaryOf } from './sample-data.ts';

const unreachable = {
  code: 'storage-unavailable',
  message: 'The directory /mnt/offsite/holdfast is not there.',
  hint: 'Is the disk mounted? Holdfast waits and tries again at the next run.',
  retry: 'temporary',
} as const;

/** A small company's Holdfast after a year: mostly well, with one of each trouble. */
export function makeSample(nowMs: number): SampleData {
  const main = serverOf(1, 'Backup disk', '/mnt/backup/holdfast', nowMs);
  const offsite = serverOf(2, 'Offsite (rotating USB disk)', '/mnt/offsite/holdfast', nowMs, {
    recoveryKeyTakenMs: null,
    status: { ...main.status, reachable: false, usedBytes: 1_912_316_860_416, freeBytes: 87_683_139_584, error: unreachable },
  });
  const both = [main.id, offsite.id];
  const documents = configOf('Documents', ['/srv/documents', '/srv/scans', '/home/ada', '/home/grace'], both);
  const photos = configOf('Photos', ['/srv/photos'], [main.id], { schedule: { daysOfWeek: [7], hours: [1], minutes: [0] } });
  const hostile = configOf('<script>alert("mail")</script> & {{mail}} $t(shell.admin)', ['/var/mail'], both, {
    schedule: { cron: '*/15 6-20 * * 1-5' },
  });
  const long = configOf(
    'Accounting archive of the years 1998 to 2024, including all scanned vouchers and tax records',
    ['/srv/accounting'],
    [main.id],
  );
  const homes = configOf('Home directories', ['/home'], [offsite.id], { schedule: null });
  const shop = configOf('Shop database', [], both, { chain: [idOf(701), idOf(702)], source: shopSource });
  const web = configOf('Web server', ['/var/www', '/etc/nginx'], [main.id], { chain: [idOf(701), idOf(703)] });

  const runs: RunDetails[] = [];
  for (let day = 0; day < 40; day++) {
    const startedMs = nowMs - day * dayMs - 5 * hourMs;
    const failed = day % 13 === 4;
    runs.push(
      runOf(runs.length, documents.name, startedMs, {
        backupId: idOf(11),
        config: documents,
        ...(failed ? { outcome: 'failed', error: unreachable, reasons: ['The storage server "Offsite" does not hold the snapshot.'] } : {}),
        ...(day === 1 ? partialOf(startedMs, documents.storageServerIds) : {}),
        ...(day === 0 ? succeededOf(startedMs, main.id) : {}),
      }),
    );
    if (day % 7 === 2)
      runs.push(
        runOf(runs.length, main.name, startedMs + hourMs, {
          kind: day % 14 === 2 ? 'check' : 'prune',
          trigger: 'maintenance',
          storageServerId: main.id,
          files: null,
          bytes: null,
          addedBytes: null,
        }),
      );
    if (day === 6)
      runs.push(
        runOf(runs.length, photos.name, startedMs, {
          backupId: idOf(12),
          outcome: 'missed',
          missedCount: 3,
          startedMs: null,
          endedMs: null,
        }),
      );
    if (day === 3) runs.push(runOf(runs.length, hostile.name, startedMs, { backupId: idOf(13), outcome: 'interrupted' }));
  }
  runs.push(
    runOf(runs.length, shop.name, nowMs - 26 * hourMs, { kind: 'restore', backupId: idOf(16), trigger: 'person', ...pushedOf(nowMs) }),
  );
  const running = runOf(runs.length, photos.name, nowMs - 94_000, {
    backupId: idOf(12),
    state: 'running',
    outcome: null,
    trigger: 'person',
    endedMs: null,
    files: null,
    bytes: null,
    addedBytes: null,
    progress: progressOf(0.37),
  });
  runs.unshift(running);

  const snapshots: StoredSnapshot[] = Array.from({ length: 24 }, (_, index) => ({
    id: idOf(5000 + index),
    snapshotId: snapshotIdOf(5000 + index),
    storageServerId: index % 5 === 3 ? offsite.id : main.id,
    backupId: idOf(11),
    runId: null,
    timeMs: Math.round(nowMs - 5 * hourMs - index ** 1.7 * dayMs),
    files: 48_211 - index * 13,
    bytes: 96_636_764_160 - index * 1e8,
    addedBytes: Math.round(734_003_200 / (index + 1)),
    complete: index !== 1,
    pinned: index === 6,
  }));
  snapshots.push({
    ...(snapshots[0] as StoredSnapshot),
    id: idOf(5100),
    snapshotId: snapshotIdOf(5100),
    backupId: idOf(16),
    files: 5,
    bytes: 9_949_954_048,
    pinned: false,
    complete: true,
  });
  const backupOf = (number: number, config: typeof documents, part: object) => ({
    id: idOf(number),
    version: 3,
    config,
    hasSourcePassword: false,
    paused: false,
    createdMs: nowMs - 300 * dayMs,
    health: 'healthy' as const,
    healthReason: 'The last run succeeded, and a check has read its data this month.',
    nextRunMs: nowMs + 14 * hourMs,
    lastRun: summaryOf(runs.find(({ backupId }) => backupId === idOf(number)) ?? running),
    lastSuccessMs: nowMs - 5 * hourMs,
    snapshots: 24,
    ...part,
  });
  return {
    servers: [
      { ...main, backupIds: [11, 12, 13, 14].map(idOf) },
      { ...offsite, backupIds: [11, 13, 15].map(idOf) },
    ],
    backups: [
      backupOf(11, documents, {
        health: 'warning',
        healthReason: 'The newest snapshot on Offsite (rotating USB disk) is 3 days old; Backup disk has all.',
      }),
      backupOf(12, photos, { nextRunMs: nowMs + 90 * hourMs, lastSuccessMs: nowMs - 8 * dayMs, snapshots: 51 }),
      backupOf(13, hostile, {
        health: 'failing',
        healthReason: 'The last two runs were interrupted: the process ran out of memory.',
        nextRunMs: nowMs + 720_000,
      }),
      backupOf(14, long, {
        health: 'paused',
        healthReason: 'Paused by Ada on 3 November.',
        paused: true,
        nextRunMs: null,
        lastRun: null,
        lastSuccessMs: null,
        snapshots: 0,
      }),
      backupOf(15, homes, {
        health: 'new',
        healthReason: 'It has not run yet.',
        nextRunMs: null,
        lastRun: null,
        lastSuccessMs: null,
        snapshots: 0,
      }),
      backupOf(16, shop, { hasSourcePassword: true, snapshots: 1 }),
      backupOf(17, web, { snapshots: 31 }),
    ],
    connections: sampleConnections(nowMs),
    runs,
    snapshots,
    logs: new Map(runs.slice(0, 3).map((run) => [run.id, logOf(run.startedMs ?? nowMs)])),
    tokens: [
      {
        id: idOf(901),
        name: 'ci runner',
        scope: 'operate',
        createdMs: nowMs - 80 * dayMs,
        expiresMs: nowMs + 285 * dayMs,
        lastUsedMs: nowMs - 2 * hourMs,
      },
      { id: idOf(902), name: 'monitoring', scope: 'read', createdMs: nowMs - 10 * dayMs, expiresMs: nowMs + 20 * dayMs, lastUsedMs: null },
    ],
    audit: Array.from({ length: 30 }, (_, index) => ({
      id: String(index),
      atMs: nowMs - index * 7 * hourMs,
      actor: index % 3 === 0 ? 'Ada Byron' : 'token: ci runner',
      verb: ['backup.run', 'backup.update', 'storage-server.recovery-key', 'session.create'][index % 4] ?? '',
      object: ['Documents', 'Photos', 'Backup disk', 'ada@example.org'][index % 4] ?? '',
      details: index % 4 === 1 ? 'version 2 → 3: schedule, retention' : '',
    })),
    deliveries: [
      {
        id: idOf(801),
        event: 'failed',
        title: 'Documents failed',
        createdMs: nowMs - 20 * 60_000,
        state: 'waiting',
        attempts: 3,
        nextAttemptMs: nowMs + 240_000,
        deliveredMs: null,
        error: 'Telegram answered 429: too many requests.',
      },
      {
        id: idOf(802),
        event: 'recovered',
        title: 'Documents succeeded again',
        createdMs: nowMs - 9 * hourMs,
        state: 'delivered',
        attempts: 1,
        nextAttemptMs: null,
        deliveredMs: nowMs - 9 * hourMs,
        error: null,
      },
      {
        id: idOf(803),
        event: 'missed',
        title: hostile.name,
        createdMs: nowMs - 6 * dayMs,
        state: 'failed',
        attempts: 12,
        nextAttemptMs: null,
        deliveredMs: null,
        error: 'The bot was blocked by the user.',
      },
    ],
  };
}

export function progressOf(share: number) {
  const bytesTotal = 96_636_764_160;
  return {
    type: 'progress' as const,
    step: 'Reading files',
    filesDone: Math.round(48_211 * share),
    filesTotal: 48_211,
    bytesDone: Math.round(bytesTotal * share),
    bytesTotal,
    bytesPerSecond: 412_000_000,
    secondsLeft: ((1 - share) * bytesTotal) / 412_000_000,
    problems: share > 0.5 ? 2 : 0,
  };
}

const figures = {
  rootsAsked: 4,
  rootsFound: 4,
  sourceEnded: true,
  filesNew: 312,
  filesChanged: 48,
  filesUnmodified: 47_851,
  directories: 6_120,
  files: 48_211,
  bytes: 96_636_764_160,
};

function destinationOf(storageServerId: string, name: string) {
  return {
    storageServerId,
    name,
    snapshotId: snapshotIdOf(77),
    reopened: true,
    treeMatches: true,
    dataBlobs: 812,
    treeBlobs: 96,
    addedBytes: 734_003_200,
    storedBytes: 281_018_368,
    error: null,
  };
}

function succeededOf(startMs: number, serverId: string): Partial<RunDetails> {
  return {
    report: {
      kind: 'backup',
      runId: idOf(1),
      startMs,
      endMs: startMs + 214_000,
      items: [],
      itemCount: 0,
      error: null,
      itemsLeftOut: 0,
      destinations: [destinationOf(serverId, 'Backup disk')],
      ...figures,
    },
  };
}

const shopSource: Source = {
  driver: 'postgres',
  user: 'holdfast',
  databases: ['shop', 'crm'],
  excludeDatabases: [],
  roles: true,
  format: 'custom',
  maintenanceDatabase: 'postgres',
  concurrency: 2,
};

function pushedOf(nowMs: number): Partial<RunDetails> {
  return {
    report: {
      kind: 'push',
      runId: idOf(3),
      startMs: nowMs - 26 * hourMs,
      endMs: nowMs - 25 * hourMs,
      items: [],
      itemCount: 0,
      error: null,
      target: 'postgres on ssh backup@bastion.example.org → docker db',
      restored: [
        { path: 'databases/shop.dump', as: 'shop_of_yesterday' },
        { path: 'databases/crm.dump', as: 'crm' },
      ],
      notes: ['crm: the setting pg_stat_statements.track was not taken: permission denied'],
      ended: true,
    },
  };
}

function partialOf(startMs: number, [one = '', other = '']: readonly string[]): Partial<RunDetails> {
  const items = hostileNames.map((name) => ({ path: `/srv/documents/${name}`, kind: 'unreadable', reason: 'Permission denied (EACCES)' }));
  return {
    outcome: 'partial',
    itemCount: 1_307,
    reasons: [
      'The snapshot is on Backup disk, but not on Offsite (rotating USB disk).',
      '1 307 items could not be read and are not in the snapshot.',
    ],
    report: {
      kind: 'backup',
      runId: idOf(2),
      startMs,
      endMs: startMs + 214_000,
      items,
      itemCount: 1_307,
      error: null,
      itemsLeftOut: 1_307,
      destinations: [
        destinationOf(one, 'Backup disk'),
        {
          ...destinationOf(other, 'Offsite (rotating USB disk)'),
          snapshotId: null,
          reopened: false,
          treeMatches: false,
          addedBytes: 0,
          storedBytes: 0,
          error: unreachable,
        },
      ],
      ...figures,
    },
  };
}

function logOf(startMs: number) {
  const lines = [
    ['info', 'Opening the repository on Backup disk'],
    ['info', 'Found 48 211 files in 6 120 directories'],
    ['warning', 'Offsite (rotating USB disk): the directory /mnt/offsite/holdfast is not there'],
    ['info', 'Comparing with snapshot 5e3c21a9'],
    ['error', `Could not read /srv/documents/${hostileNames[0]}: permission denied`],
    ['info', 'Stored 360 files, 700 MiB new, 268 MiB after compression'],
    ['info', 'Read back snapshot 9e3779b9 and its root tree: as stored'],
  ] as const;
  return lines.map(([level, text], seq) => ({ seq, atMs: startMs + seq * 1_700, level, text }));
}
