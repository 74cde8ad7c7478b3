import type { RunPlan, RunReport } from '@holdfast/contract';
import type { RunContext } from './run-context.ts';

/** What every report has, as it is before anything was done. */
export type ReportStart = Pick<RunReport, 'runId' | 'startMs' | 'endMs' | 'items' | 'itemCount' | 'error'>;

/** How plans of one kind are executed. */
export interface PlanRun<Plan extends RunPlan, Report extends RunReport> {
  /** The report before anything was done: nothing proven, nothing counted. */
  begin(plan: Plan, start: ReportStart): Report;
  /** Does it, and puts into the report what is known as soon as it is. Throws what ends the run. */
  execute(plan: Plan, report: Report, context: RunContext): Promise<void>;
}

export function reportStart(runId: string, startMs: number): ReportStart {
  return { runId, startMs, endMs: startMs, items: [], itemCount: 0, error: null };
}
