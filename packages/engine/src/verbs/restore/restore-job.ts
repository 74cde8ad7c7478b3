import type { ErrorCode } from '@holdfast/kernel';
import type { MasterKey } from '../../crypto/master-key.ts';
import type { WantedBlobs } from './content-queue.ts';
import type { OverwriteRule, RestoreProblem } from './restore-options.ts';
import type { SharedPlan } from './restore-plan.ts';

/** What a worker of restore is started with, while the plan is still being made. */
export interface RestoreSetup {
  readonly masterKey: MasterKey;
  readonly overwrite: OverwriteRule;
  readonly delete: boolean;
  readonly dryRun: boolean;
  readonly sparse: boolean;
  readonly includeAttributes: readonly string[] | undefined;
  readonly excludeAttributes: readonly string[] | undefined;
  /** Not 0 once the work is to stop. */
  readonly cancelled: Int32Array<SharedArrayBuffer>;
}

/** What all jobs have in common: shared memory, so that sending it each time costs little. The plan grows while jobs are done. */
export interface Briefing {
  readonly plan: SharedPlan;
  /** Descriptor of the target directory; owned by the main thread. */
  readonly targetFd: number;
}

/** A job to a thread. Without a briefing there is nothing to do but to show that the thread is up. */
export interface BriefedJob {
  readonly briefing: Briefing | undefined;
  readonly job: RestoreJob;
}

/** What the threads do. Entries are numbers of the plan. */
export type RestoreJob =
  /** Nothing. */
  | { readonly kind: 'ready' }
  /** Look at what is there already and set the states of these entries. */
  | { readonly kind: 'survey'; readonly entries: Uint32Array }
  /** Open the blobs that lie in `bytes` (which begin at `offset` of their pack) and write them where they are wanted. */
  | {
      readonly kind: 'blobs';
      readonly bytes: Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>;
      readonly offset: number;
      readonly wanted: WantedBlobs;
    }
  /** Write the content of one blob, already open and verified. */
  | { readonly kind: 'content'; readonly bytes: Uint8Array<ArrayBuffer>; readonly wanted: WantedBlobs }
  /** Make or finish entries that need no content. */
  | { readonly kind: 'entries'; readonly entries: Uint32Array }
  /** Remove these names, with everything in them, from a directory of the plan. */
  | { readonly kind: 'remove'; readonly directory: number; readonly names: readonly Uint8Array[] }
  /** Restore the metadata of directories, in this order. */
  | { readonly kind: 'directories'; readonly entries: Uint32Array }
  /** Read restored files back. */
  | { readonly kind: 'verify'; readonly entries: Uint32Array };

/** Something that went wrong with an entry, to be put into words by the main thread. */
export interface WorkerProblem {
  readonly entry: number;
  readonly kind: RestoreProblem['kind'];
  readonly code: ErrorCode;
  /** What happened: "it cannot be opened: EACCES". */
  readonly detail: string;
  /** Of a removal: what is below the directory `entry`. */
  readonly below?: Uint8Array;
}

/** A file of which only some blobs differ from the snapshot: 1 for each place that is right already. */
export interface PartialMatch {
  readonly entry: number;
  readonly matches: Uint8Array;
}

export interface RestoreJobResult {
  /** Entries that are whole now. */
  readonly finished: readonly number[];
  readonly problems: readonly WorkerProblem[];
  readonly bytesWritten: number;
  /** Places in `wanted.records` of blobs that did not open as what they should be; nothing was written for them. */
  readonly badBlobs: readonly { readonly place: number; readonly reason: string }[];
  readonly partial: readonly PartialMatch[];
  /** Paths below the directory that are gone. */
  readonly removed: readonly Uint8Array[];
}
