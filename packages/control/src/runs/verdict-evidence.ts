import type { BackupEvidence, CheckEvidence, PruneEvidence, RestoreEvidence, RetentionEvidence } from './evidence.ts';

const runId = '0'.repeat(32);
const every = { runId, failure: null, cancelRequested: false, stopped: null, exits: [{ code: 0, signal: null }] } as const;
const everyReport = { runId, startMs: 1_000, endMs: 2_000, items: [], itemCount: 0, error: null };

/** For tests: a backup to two storage servers of which everything is proven. */
export function backupEvidence(): BackupEvidence {
  const servers = [
    { storageServerId: '1'.repeat(32), name: 'First' },
    { storageServerId: '2'.repeat(32), name: 'Second' },
  ];
  return {
    kind: 'backup',
    ...every,
    rootsAsked: 1,
    leastBytes: 15,
    destinations: servers,
    report: {
      kind: 'backup',
      ...everyReport,
      rootsAsked: 1,
      rootsFound: 1,
      sourceEnded: true,
      filesNew: 3,
      filesChanged: 0,
      filesUnmodified: 0,
      directories: 1,
      files: 3,
      bytes: 30,
      itemsLeftOut: 0,
      destinations: servers.map((server, index) => ({
        ...server,
        snapshotId: `${index + 1}`.repeat(64),
        reopened: true,
        treeMatches: true,
        dataBlobs: 3,
        treeBlobs: 1,
        addedBytes: 30,
        storedBytes: 20,
        error: null,
      })),
    },
  };
}

/** For tests. */
export function restoreEvidence(): RestoreEvidence {
  return {
    kind: 'restore',
    ...every,
    verifyAsked: true,
    dryRun: false,
    report: {
      kind: 'restore',
      ...everyReport,
      target: '/target',
      filesPlanned: 7,
      filesRestored: 5,
      filesKept: 2,
      bytesWritten: 50,
      verified: true,
      dryRun: false,
      ended: true,
    },
  };
}

/** For tests. */
export function checkEvidence(): CheckEvidence {
  return {
    kind: 'check',
    ...every,
    readDataPercent: 10,
    report: {
      kind: 'check',
      ...everyReport,
      errorCount: 0,
      errors: [],
      hints: [],
      damagedSnapshots: [],
      affectedPaths: [],
      packs: 5,
      packsRead: 1,
      bytesRead: 100,
      snapshots: 2,
      ended: true,
    },
  };
}

/** For tests. */
export function pruneEvidence(): PruneEvidence {
  return {
    kind: 'prune',
    ...every,
    report: {
      kind: 'prune',
      ...everyReport,
      bytesBefore: 100,
      bytesRemoved: 10,
      bytesRepacked: 0,
      packsRemoved: 1,
      bytesAfter: 90,
      ended: true,
    },
  };
}

/** For tests: two snapshots removed, one stays. */
export function retentionEvidence(): RetentionEvidence {
  const [first, second, third] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
  return {
    kind: 'retention',
    ...every,
    exits: [
      { code: 0, signal: null },
      { code: 0, signal: null },
    ],
    planned: [first, second],
    kept: [third],
    report: { kind: 'forget', ...everyReport, removed: [first, second], remaining: [third], ended: true },
  };
}
