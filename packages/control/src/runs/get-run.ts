import { type RunDetails, RunReport } from '@holdfast/contract';
import { z } from 'zod';
import type { Caller, ControlContext } from '../control-context.ts';
import { findBackupConfig } from './backup-config-of.ts';
import { findRun } from './find-run.ts';
import { runSummary } from './run-summary.ts';

const Reasons = z.array(z.string());

/** A run with its report, and with the configuration that it ran with. `not-found`. */
export async function getRun({ database }: ControlContext, _caller: Caller, { id }: { readonly id: string }): Promise<RunDetails> {
  const row = await findRun(database.tables, id);
  return {
    ...runSummary(row),
    report: row.report === null ? null : RunReport.parse(JSON.parse(row.report)),
    reasons: row.reasons === null ? [] : Reasons.parse(JSON.parse(row.reasons)),
    configVersion: row.config_version,
    config: (await findBackupConfig(database.tables, row.backup_id, row.config_version)) ?? null,
    worker: row.worker,
    missedCount: row.missed_count,
  };
}
