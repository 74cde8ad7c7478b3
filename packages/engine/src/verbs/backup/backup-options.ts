import type { Clock } from '@holdfast/kernel';
import type { Compression } from '../../crypto/compression.ts';
import type { EntrySource } from '../backup-entries/entry-source.ts';
import type { ItemProblem } from './backup-job.ts';
import type { BackupWorkers } from './backup-workers.ts';
import type { DestinationReport } from './destination.ts';
import type { ExclusionRules } from './exclusion-rules.ts';
import type { WalkCounts } from './source-walk.ts';

/** A stream to be stored as one file instead of files of this machine. */
export interface StreamSource {
  /** Name of the file at the root of the snapshot. */
  readonly name: string;
  /** Must end or fail when the signal of the backup aborts. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface BackupOptions {
  /** Paths as the user gave them, raw bytes. Absolute ones keep their whole path in the snapshot, relative ones their own components. */
  readonly targets: readonly Buffer[];
  /** Takes the place of targets. */
  readonly stream?: StreamSource | undefined;
  /** Takes the place of this machine's file system: the targets, absolute paths, are looked for there. */
  readonly entries?: EntrySource | undefined;
  readonly exclusions?: Partial<ExclusionRules>;
  /** What the snapshot says was excluded; for people and later runs. */
  readonly excludes?: readonly string[];
  readonly tags?: readonly string[];
  readonly hostname?: string | undefined;
  readonly username?: string;
  /** The snapshot's time as RFC 3339; default: when the run began. */
  readonly time?: string | undefined;
  readonly programVersion?: string;
  readonly compression?: Compression | undefined;
  readonly packSizeBytes?: number | undefined;
  /** Read every file, whatever the parent snapshot says. */
  readonly force?: boolean;
  readonly ignoreCtime?: boolean;
  readonly ignoreInode?: boolean;
  readonly withAtime?: boolean;
  readonly oneFileSystem?: boolean;
  readonly dryRun?: boolean;
  readonly skipIfUnchanged?: boolean;
  /** Default: started now, one for each processor. The backup ends them. */
  readonly workers?: BackupWorkers;
  /** Zone in which times are written; default: this machine's, as restic does. */
  readonly timeZone?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Counts the source ahead of the backup, in a thread of its own, so that progress can tell the totals. Costs a second walk. */
  readonly scan?: boolean;
  readonly onProblem?: (problem: ItemProblem) => void;
}

export interface BackupProgress {
  readonly filesDone: number;
  readonly bytesDone: number;
  readonly problems: number;
  /** With `scan`, once the count is complete; in any case with the last call, when all has been read. */
  readonly filesTotal: number | undefined;
  readonly bytesTotal: number | undefined;
}

export interface BackupReport {
  readonly destinations: readonly DestinationReport[];
  readonly counts: WalkCounts;
  /** Everything that is not in the snapshot as it was; `changed` items are in it. */
  readonly problems: readonly ItemProblem[];
  /** Whether something that was to be stored is not in the snapshot. */
  readonly incomplete: boolean;
  readonly tree: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
}
