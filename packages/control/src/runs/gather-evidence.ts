import { buildPlan, type SinglePlan } from './build-plan.ts';
import { rootsOf } from './distinct-roots.ts';
import type { Evidence } from './evidence.ts';
import { executeWithin } from './execute-within.ts';
import type { RunEnd } from './executor.ts';
import { reported } from './reported.ts';
import { carryOutRetention } from './retention-run.ts';
import type { ClaimedRun } from './run-row.ts';
import type { Gathered, RunTools } from './run-tools.ts';

/** Carries a run out and says what is known of it afterwards. Does not judge, and never throws for what went wrong with the run. */
export async function gatherEvidence(tools: RunTools, run: ClaimedRun): Promise<Gathered> {
  if (run.kind === 'retention') return await carryOutRetention(tools, run);
  let plan: SinglePlan | undefined;
  let least: number | undefined;
  try {
    const built = await buildPlan(tools.context, run);
    plan = built.plan;
    least = built.leastBytes;
    const end = await executeWithin(tools.executor, plan, {
      clock: tools.context.clock,
      control: tools.control,
      timeLimitMs: built.timeLimitMs,
      graceMs: tools.graceMs,
      onEvent: (event) => tools.recorder.add(event),
    });
    if (end.report === undefined && end.stderrTail !== '') tools.recorder.log('error', end.stderrTail);
    return { evidence: evidenceOf(tools, run, { plan, least, end, thrown: undefined }), report: end.report };
  } catch (error) {
    tools.recorder.log('error', reported(error).message);
    return { evidence: evidenceOf(tools, run, { plan, least, end: undefined, thrown: error }), report: undefined };
  }
}

interface Known {
  readonly plan: SinglePlan | undefined;
  readonly least: number | undefined;
  readonly end: RunEnd | undefined;
  readonly thrown: unknown;
}

function evidenceOf(tools: RunTools, run: ClaimedRun, { plan, least, end, thrown }: Known): Evidence {
  const every = {
    runId: run.id,
    exits: end === undefined ? [] : [end.exit],
    report: end?.report,
    failure: end === undefined ? reported(thrown) : null,
    cancelRequested: tools.control.cancelRequested,
    stopped: tools.control.stopped,
  };
  switch (plan?.kind) {
    case 'backup':
      return {
        kind: 'backup',
        ...every,
        rootsAsked: rootsOf(plan.source),
        leastBytes: least ?? Number.POSITIVE_INFINITY,
        destinations: plan.destinations,
      };
    case 'restore':
      return { kind: 'restore', ...every, verifyAsked: plan.verify, dryRun: plan.dryRun };
    case 'push':
      return { kind: 'push', ...every };
    case 'check':
      return { kind: 'check', ...every, readDataPercent: plan.readDataPercent };
    case 'prune':
      return { kind: 'prune', ...every };
    default:
      // There is no plan, so something has failed, and that it is.
      return { kind: 'backup', ...every, rootsAsked: 0, leastBytes: 0, destinations: [] };
  }
}
