import type { RunReport } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Evidence } from './evidence.ts';
import type { Executor } from './executor.ts';
import type { RunControl } from './run-control.ts';
import type { RunRecorder } from './run-recorder.ts';

/** What a run works with while it works. */
export interface RunTools {
  readonly context: ControlContext;
  readonly executor: Executor;
  readonly control: RunControl;
  readonly recorder: RunRecorder;
  readonly graceMs: number;
}

/** What is known of a run after it was carried out. */
export interface Gathered {
  readonly evidence: Evidence;
  readonly report: RunReport | undefined;
  /** Snapshots of its storage server that are proven not to be there any more, by the repository's ids. */
  readonly gone?: readonly string[];
}
