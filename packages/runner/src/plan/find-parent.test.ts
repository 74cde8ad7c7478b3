import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedSnapshot } from '@holdfast/engine';
import { findParent, type ParentQuestion } from './find-parent.ts';

/** A snapshot of which only what matters here is given: hour, host, paths and tags. */
function snapshot(id: string, hour: number, hostname: string, paths: string[], tags: string[]): NamedSnapshot {
  const time = `2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`;
  return {
    id,
    time,
    timeNs: Temporal.Instant.from(time).epochNanoseconds,
    hostname,
    paths,
    tags,
    parent: undefined,
    tree: '',
    username: '',
    uid: 0,
    gid: 0,
    excludes: [],
    original: undefined,
    programVersion: '',
    summary: undefined,
  };
}

const snapshots = [
  snapshot('same everything', 1, 'host', ['/a', '/b'], ['holdfast', 'backup=1']),
  snapshot('same backup, other paths', 2, 'host', ['/a'], ['backup=1']),
  snapshot('other backup', 3, 'host', ['/a', '/b'], ['backup=2']),
  snapshot('by restic', 4, 'host', ['/a', '/b', '/c'], []),
  snapshot('other host', 5, 'elsewhere', ['/a', '/b'], ['backup=1']),
  snapshot('from the future', 23, 'host', ['/a', '/b'], ['backup=1']),
];
const nowNs = Temporal.Instant.from('2026-11-24T12:00:00Z').epochNanoseconds;

function parentOf(question: Partial<ParentQuestion>, of = snapshots): string | undefined {
  return findParent(of, { hostname: 'host', paths: ['/a', '/b'], tags: ['holdfast', 'backup=1'], nowNs, ...question })?.id;
}

test('the parent is the latest of the same backup, with all paths if there is one, and else what restic takes', () => {
  assert.equal(parentOf({}), 'same everything');
  assert.equal(parentOf({ paths: ['/a', '/new'] }), 'same backup, other paths');
  assert.equal(parentOf({ tags: ['holdfast', 'backup=3'] }), 'by restic');
  assert.equal(parentOf({ tags: [] }), 'by restic');
  assert.equal(parentOf({ tags: [], paths: ['/new'] }), undefined);
  assert.equal(parentOf({ hostname: 'a third' }), undefined);
  assert.equal(parentOf({}, []), undefined);
});
