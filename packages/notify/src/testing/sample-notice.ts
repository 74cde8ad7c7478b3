import type { Notice } from '@holdfast/contract';

/** A notice of a backup that succeeded, with what a test wants otherwise. */
export function sampleNotice(changes: Partial<Notice> = {}): Notice {
  return {
    id: '0198c0de-0000-7000-8000-000000000001',
    event: 'succeeded',
    atMs: Date.UTC(2026, 10, 25, 2, 4, 5),
    timeZone: 'Europe/Berlin',
    title: 'Photos',
    backupId: '0198c0de-0000-7000-8000-000000000002',
    runId: '0198c0de-0000-7000-8000-000000000003',
    runKind: 'backup',
    destinations: [{ name: 'NAS', ok: true, text: 'stored, 118 MiB' }],
    files: 51_234,
    bytes: 5_583_457_485,
    addedBytes: 123_731_968,
    durationMs: 192_000,
    itemCount: 0,
    missedCount: 0,
    nextRunMs: Date.UTC(2026, 10, 26, 2, 0),
    error: null,
    link: 'http://nas.local:8484/runs/3',
    ...changes,
  };
}
