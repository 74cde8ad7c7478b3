import type { RunEvent, RunPlan } from '@holdfast/contract';
import { systemRandom } from '@holdfast/kernel';
import { type ExecuteInChildOptions, executeInChild } from '../child/execute-in-child.ts';
import type { RunEnd } from '../child/run-end.ts';
import type { RunPlace } from './run-place.ts';

/** For tests: executes a plan in a child, with limits that do not matter. */
export function startChild(plan: RunPlan, options: Partial<ExecuteInChildOptions> = {}): Promise<RunEnd> {
  return executeInChild(plan, {
    signal: new AbortController().signal,
    onEvent: () => undefined,
    timeLimitMs: 600_000,
    memoryLimitMebibytes: 512,
    ...options,
  });
}

/** For tests: makes a source that takes a while. */
export function fillSource(place: RunPlace, mebibytes: number): void {
  for (let i = 0; i < mebibytes / 5; i++) place.write(`large ${i}`, systemRandom.bytes(5 << 20));
}

/** For tests: whether the event tells that content is being read. */
export function isReading(event: RunEvent): boolean {
  return event.type === 'progress' && event.step === 'Reading files' && event.bytesDone > 0;
}
