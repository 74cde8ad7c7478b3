import type { ErrorCode } from '@holdfast/kernel';
import { isSystemError } from '../../posix/system-error.ts';
import type { PartialMatch, RestoreJobResult, WorkerProblem } from './restore-job.ts';
import type { RestoreProblem } from './restore-options.ts';
import { describeFailure, hopelessError } from './target-error.ts';

/** Collects what a job has to report. */
export class JobOutcome implements RestoreJobResult {
  readonly finished: number[] = [];
  readonly problems: WorkerProblem[] = [];
  readonly badBlobs: { readonly place: number; readonly reason: string }[] = [];
  readonly partial: PartialMatch[] = [];
  readonly removed: Uint8Array[] = [];
  bytesWritten = 0;

  /** Notes a system call that failed for one entry. Throws what ends the whole restore, and everything else. */
  fail(entry: number, kind: RestoreProblem['kind'], error: unknown, below?: Uint8Array): void {
    const hopeless = hopelessError(error);
    if (hopeless !== undefined) throw hopeless;
    if (!isSystemError(error)) throw error;
    this.add(entry, kind, 'target-unwritable', describeFailure(error), below);
  }

  add(entry: number, kind: RestoreProblem['kind'], code: ErrorCode, detail: string, below?: Uint8Array): void {
    this.problems.push({ entry, kind, code, detail, ...(below === undefined ? {} : { below }) });
  }

  /** Plain data, to be sent. */
  result(): RestoreJobResult {
    const { finished, problems, bytesWritten, badBlobs, partial, removed } = this;
    return { finished, problems, bytesWritten, badBlobs, partial, removed };
  }
}
