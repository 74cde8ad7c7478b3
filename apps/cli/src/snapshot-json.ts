import type { NamedSnapshot } from '@holdfast/engine';

/** A snapshot as restic's programs write it for other programs. */
export function snapshotJson(snapshot: NamedSnapshot): Record<string, unknown> {
  const { summary } = snapshot;
  return withoutEmpty({
    time: snapshot.time,
    parent: snapshot.parent,
    tree: snapshot.tree,
    paths: snapshot.paths,
    hostname: snapshot.hostname,
    username: snapshot.username,
    uid: snapshot.uid,
    gid: snapshot.gid,
    excludes: snapshot.excludes,
    tags: snapshot.tags,
    original: snapshot.original,
    program_version: snapshot.programVersion,
    summary: summary && {
      backup_start: summary.backupStart,
      backup_end: summary.backupEnd,
      files_new: summary.filesNew,
      files_changed: summary.filesChanged,
      files_unmodified: summary.filesUnmodified,
      dirs_new: summary.dirsNew,
      dirs_changed: summary.dirsChanged,
      dirs_unmodified: summary.dirsUnmodified,
      data_blobs: summary.dataBlobs,
      tree_blobs: summary.treeBlobs,
      data_added: summary.dataAdded,
      data_added_packed: summary.dataAddedPacked,
      total_files_processed: summary.totalFilesProcessed,
      total_bytes_processed: summary.totalBytesProcessed,
    },
    id: snapshot.id,
    short_id: snapshot.id.slice(0, 8),
  });
}

function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => name === 'paths' || !isEmpty(value)));
}
