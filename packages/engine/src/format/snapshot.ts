import { z } from 'zod';
import { goJsonString } from './go-json-string.ts';
import { parseTime } from './go-time.ts';
import { parseJson } from './parse-json.ts';

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

const idForm = z.string().regex(/^[0-9a-f]{64}$/);
const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const count = z.number().int().default(0);
const form = z.object({
  time: z.string(),
  parent: idForm.nullish(),
  tree: idForm,
  paths: list,
  hostname: z.string().default(''),
  username: z.string().default(''),
  uid: count,
  gid: count,
  excludes: list,
  tags: list,
  original: idForm.nullish(),
  program_version: z.string().default(''),
  summary: z
    .object({
      backup_start: z.string(),
      backup_end: z.string(),
      files_new: count,
      files_changed: count,
      files_unmodified: count,
      dirs_new: count,
      dirs_changed: count,
      dirs_unmodified: count,
      data_blobs: count,
      tree_blobs: count,
      data_added: count,
      data_added_packed: count,
      total_files_processed: count,
      total_bytes_processed: count,
    })
    .nullish(),
});

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
  const raw = parseJson(bytes, form, 'snapshot');
  const summary = raw.summary ?? undefined;
  return {
    time: raw.time,
    timeNs: parseTime(raw.time),
    parent: raw.parent ?? undefined,
    tree: raw.tree,
    paths: raw.paths,
    hostname: raw.hostname,
    username: raw.username,
    uid: raw.uid,
    gid: raw.gid,
    excludes: raw.excludes,
    tags: raw.tags,
    original: raw.original ?? undefined,
    programVersion: raw.program_version,
    summary: summary && {
      backupStart: summary.backup_start,
      backupEnd: summary.backup_end,
      filesNew: summary.files_new,
      filesChanged: summary.files_changed,
      filesUnmodified: summary.files_unmodified,
      dirsNew: summary.dirs_new,
      dirsChanged: summary.dirs_changed,
      dirsUnmodified: summary.dirs_unmodified,
      dataBlobs: summary.data_blobs,
      treeBlobs: summary.tree_blobs,
      dataAdded: summary.data_added,
      dataAddedPacked: summary.data_added_packed,
      totalFilesProcessed: summary.total_files_processed,
      totalBytesProcessed: summary.total_bytes_processed,
    },
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
