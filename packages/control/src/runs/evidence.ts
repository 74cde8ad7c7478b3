import type { ReportedError, RunReport } from '@holdfast/contract';
import type { ProcessExit } from './executor.ts';

/** Why a run was stopped from this side, other than by a person. */
export type StopReason = 'time-limit' | 'shutdown' | 'lease-lost';

interface EveryEvidence {
  readonly runId: string;
  /** Of every process that worked for the run. */
  readonly exits: readonly ProcessExit[];
  readonly report: RunReport | undefined;
  /** What went wrong on this side: its plan could not be made, its process not be started. */
  readonly failure: ReportedError | null;
  readonly cancelRequested: boolean;
  readonly stopped: StopReason | null;
}

export interface BackupEvidence extends EveryEvidence {
  readonly kind: 'backup';
  readonly rootsAsked: number;
  /** Of content: with fewer something is missing at the source. 0: any size is right. */
  readonly leastBytes: number;
  /** All that were asked for, also those that the report does not name. */
  readonly destinations: readonly { readonly storageServerId: string; readonly name: string }[];
}

export interface RestoreEvidence extends EveryEvidence {
  readonly kind: 'restore';
  readonly verifyAsked: boolean;
  readonly dryRun: boolean;
}

/** Of a restore of dumps. */
export interface PushEvidence extends EveryEvidence {
  readonly kind: 'push';
}

export interface CheckEvidence extends EveryEvidence {
  readonly kind: 'check';
  readonly readDataPercent: number;
}

export interface PruneEvidence extends EveryEvidence {
  readonly kind: 'prune';
}

export interface RetentionEvidence extends EveryEvidence {
  readonly kind: 'retention';
  /** The repository's ids of what was to be removed; null where planning did not come to its end. */
  readonly planned: readonly string[] | null;
  /** What was to stay. */
  readonly kept: readonly string[];
}

/** Everything that a run's outcome is decided from. Each field is required: what nobody looked at is no evidence. */
export type Evidence = BackupEvidence | RestoreEvidence | PushEvidence | CheckEvidence | PruneEvidence | RetentionEvidence;
