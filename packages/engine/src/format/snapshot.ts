import { goJsonString } from './go-json-string.ts';
import { parseTime } from './go-time.ts';
import { JsonFields } from './json-fields.ts';

export interface SnapshotSummary {
  readonly backupStart: string;
  readonly backupEnd: string;
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnmodified: number;
  readonly dirsNew: number;
  readonly dirsChanged: number;
  readonly dirsUnmodified: number;
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  readonly dataAdded: number;
  readonly dataAddedPacked: number;
  readonly totalFilesProcessed: number;
  readonly totalBytesProcessed: number;
}

/** What one run left: a tree, and when, where and how it was made. */
export interface Snapshot {
  /** RFC 3339 with the offset of the writer's zone, as it stands in the file. */
  readonly time: string;
  /** The same instant, nanoseconds since 1970. */
  readonly timeNs: bigint;
  readonly parent: string | undefined;
  readonly tree: string;
  /** Absolute paths of the targets. */
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly excludes: readonly string[];
  readonly tags: readonly string[];
  /** ID of the first snapshot that this one is a changed copy of. */
  readonly original: string | undefined;
  readonly programVersion: string;
  readonly summary: SnapshotSummary | undefined;
}

/** The JSON of a snapshot, fields in restic's order, empty ones left out as restic does. */
export function encodeSnapshot(snapshot: Omit<Snapshot, 'timeNs'>): Uint8Array {
  const { summary } = snapshot;
  const fields = [
    `"time":${goJsonString(snapshot.time)}`,
    snapshot.parent === undefined ? '' : `"parent":"${snapshot.parent}"`,
    `"tree":"${snapshot.tree}"`,
    `"paths":${strings(snapshot.paths)}`,
    optional('hostname', snapshot.hostname),
    optional('username', snapshot.username),
    snapshot.uid === 0 ? '' : `"uid":${snapshot.uid}`,
    snapshot.gid === 0 ? '' : `"gid":${snapshot.gid}`,
    snapshot.excludes.length === 0 ? '' : `"excludes":${strings(snapshot.excludes)}`,
    snapshot.tags.length === 0 ? '' : `"tags":${strings(snapshot.tags)}`,
    snapshot.original === undefined ? '' : `"original":"${snapshot.original}"`,
    optional('program_version', snapshot.programVersion),
    summary === undefined ? '' : `"summary":${encodeSummary(summary)}`,
  ];
  return Buffer.from(`{${fields.filter((field) => field !== '').join(',')}}`);
}

export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const fields = JsonFields.parse(bytes, 'snapshot');
  const summary = fields.optionalObject('summary');
  const time = fields.string('time');
  return {
    time,
    timeNs: parseTime(time),
    parent: fields.optionalId('parent'),
    tree: fields.id('tree'),
    paths: fields.strings('paths'),
    hostname: fields.string('hostname', ''),
    username: fields.string('username', ''),
    uid: fields.integer('uid', 0),
    gid: fields.integer('gid', 0),
    excludes: fields.strings('excludes'),
    tags: fields.strings('tags'),
    original: fields.optionalId('original'),
    programVersion: fields.string('program_version', ''),
    summary: summary && decodeSummary(summary),
  };
}

function decodeSummary(fields: JsonFields): SnapshotSummary {
  const count = (name: string): number => fields.integer(name, 0);
  return {
    backupStart: fields.string('backup_start'),
    backupEnd: fields.string('backup_end'),
    filesNew: count('files_new'),
    filesChanged: count('files_changed'),
    filesUnmodified: count('files_unmodified'),
    dirsNew: count('dirs_new'),
    dirsChanged: count('dirs_changed'),
    dirsUnmodified: count('dirs_unmodified'),
    dataBlobs: count('data_blobs'),
    treeBlobs: count('tree_blobs'),
    dataAdded: count('data_added'),
    dataAddedPacked: count('data_added_packed'),
    totalFilesProcessed: count('total_files_processed'),
    totalBytesProcessed: count('total_bytes_processed'),
  };
}

function encodeSummary(summary: SnapshotSummary): string {
  return JSON.stringify({
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
  });
}

function strings(values: readonly string[]): string {
  return `[${values.map(goJsonString).join(',')}]`;
}

function optional(name: string, value: string): string {
  return value === '' ? '' : `"${name}":${goJsonString(value)}`;
}
