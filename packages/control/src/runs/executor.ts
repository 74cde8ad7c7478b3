import type { RunEvent, RunPlan, RunReport } from '@holdfast/contract';

/** How a process ended: by itself with a code, or by a signal without one. Neither: nobody saw its end. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What is known of a run after its process is gone. */
export interface RunEnd {
  readonly exit: ProcessExit;
  /** Undefined when the process ended before it could report. */
  readonly report: RunReport | undefined;
  /** The last it wrote to standard error, for people. */
  readonly stderrTail: string;
}

export interface ExecuteOptions {
  /** Aborted when the run shall stop. The process has some seconds to end by itself and is killed then. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** After that time the process is killed whatever it does: a second wall behind the signal. */
  readonly timeLimitMs: number;
}

/**
 * Executes plans, each in a process of its own. Resolves also where the run failed or its process died; rejects only where none could be
 * started. It has ended the process when it settles.
 */
export interface Executor {
  execute(plan: RunPlan, options: ExecuteOptions): Promise<RunEnd>;
}
