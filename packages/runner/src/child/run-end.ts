import type { RunReport } from '@holdfast/contract';

/** How the process of a run ended, as its parent saw it. Neither an exit code nor a report alone says that the run went well. */
export interface RunEnd {
  /** `code` is null when a signal ended the process, and both are when it could not be started. */
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  /** Undefined if none arrived whole. */
  readonly report: RunReport | undefined;
  /** The end of what the process wrote to its standard error. */
  readonly stderrTail: string;
}
