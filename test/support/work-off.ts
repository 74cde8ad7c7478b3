import assert from 'node:assert/strict';
import type { ControlContext } from '@holdfast/control';
import { claimRun } from '../../packages/control/src/runs/claim-run.ts';
import { finishRun } from '../../packages/control/src/runs/finish-run.ts';
import { gatherEvidence } from '../../packages/control/src/runs/gather-evidence.ts';
import { RunControl } from '../../packages/control/src/runs/run-control.ts';
import { RunRecorder } from '../../packages/control/src/runs/run-recorder.ts';
import { verdict } from '../../packages/control/src/runs/verdict.ts';
import type { FakeExecutor } from './fake-executor.ts';

/** Carries out all that waits, one after the other, without a worker's loop, and returns how each ended: `backup succeeded`. */
export async function workOff(context: ControlContext, executor: FakeExecutor): Promise<string[]> {
  const outcomes: string[] = [];
  for (;;) {
    const options = { limits: { perStorageServer: 2, perHost: 4 }, leaseMs: 30_000 };
    const run = await claimRun(context, { host: 'host', name: 'one' }, options);
    if (run === undefined) return outcomes;
    const tools = { context, executor, control: new RunControl(), recorder: new RunRecorder(context, run), graceMs: 100 };
    const { evidence, ...findings } = await gatherEvidence(tools, run);
    const result = verdict(evidence);
    assert.ok(await finishRun(context, run, result, findings));
    outcomes.push(`${run.kind} ${result.outcome}`);
  }
}
