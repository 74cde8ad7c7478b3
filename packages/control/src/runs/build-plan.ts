import type { BackupPlan, CheckPlan, PrunePlan, PushPlan, RestorePlan } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { readBackup } from '../backup/backup-view.ts';
import { sourcePasswordOf } from '../backup/source-password.ts';
import { chainLinks } from '../connection/chain-links.ts';
import { placeName } from '../connection/place-name.ts';
import type { ControlContext } from '../control-context.ts';
import { backupConfigOf } from './backup-config-of.ts';
import { leastBytes } from './least-bytes.ts';
import { repositoryAccess } from './repository-access.ts';
import { CheckRequest, PushRequest, RestoreRequest } from './run-request.ts';
import type { RunRow } from './run-row.ts';
import { snapshotHost } from './snapshot-host.ts';

/** How much of what is in packs may be of no use before pruning rewrites them: restic's own default. */
const maxUnusedPercent = 5;

/** Runs that are one plan, where retention is several. */
export type SinglePlan = BackupPlan | RestorePlan | PushPlan | CheckPlan | PrunePlan;

/** A plan, and how long it may take. */
export interface BuiltPlan {
  readonly plan: SinglePlan;
  readonly timeLimitMs: number;
  /** Of the content of a backup: with fewer something is missing at the source. */
  readonly leastBytes?: number;
}

/** The tags that say which of the snapshots in a repository are whose. They never change, other than names, hosts and paths. */
export function snapshotTags(backupId: string): string[] {
  return ['holdfast', `backup=${backupId}`];
}

/** Runs that no backup's configuration limits. */
export const maintenanceLimitMs = 24 * 3_600_000;

/**
 * What a claimed run is to do, with the configuration of the version that was in force when it was claimed and all secrets opened. It is
 * handed to the run's process and written nowhere. Errors are those of a run that cannot begin: `not-found`, `secret-unreadable`.
 */
export async function buildPlan(context: ControlContext, run: RunRow): Promise<BuiltPlan> {
  const every = { runId: run.id, title: run.title };
  switch (run.kind) {
    case 'backup': {
      const config = await backupConfigOf(context.database.tables, run.backup_id, run.config_version);
      const destinations = [];
      for (const id of config.storageServerIds) destinations.push(await repositoryAccess(context, id));
      const chain = await chainLinks(context, config.chain);
      const plan: BackupPlan = {
        kind: 'backup',
        ...every,
        chain,
        source: config.source,
        sourcePassword: await sourcePasswordOf(context, run.backup_id),
        hooks: config.hooks,
        destinations,
        compression: config.compression,
        hostname: placeName(await snapshotHost(context.database), chain),
        tags: snapshotTags(String(run.backup_id)),
        timeZone: config.timeZone,
      };
      const least = await leastBytes(context.database.tables, run, config);
      return { plan, timeLimitMs: config.timeLimitMinutes * 60_000, leastBytes: least };
    }
    case 'restore': {
      const asked: unknown = JSON.parse(run.request);
      const push = PushRequest.safeParse(asked);
      if (push.success) return { plan: await pushPlan(context, run, push.data), timeLimitMs: maintenanceLimitMs };
      const request = RestoreRequest.parse(asked);
      const chain = await chainLinks(context, request.chain);
      return {
        plan: { kind: 'restore', ...every, repository: await repositoryOf(context, run), ...request, chain },
        timeLimitMs: maintenanceLimitMs,
      };
    }
    case 'check': {
      const request = CheckRequest.parse(JSON.parse(run.request));
      return {
        plan: { kind: 'check', ...every, repository: await repositoryOf(context, run), ...request },
        timeLimitMs: maintenanceLimitMs,
      };
    }
    case 'prune':
      return {
        plan: { kind: 'prune', ...every, repository: await repositoryOf(context, run), maxUnusedPercent },
        timeLimitMs: maintenanceLimitMs,
      };
    default:
      throw new CodedError({ code: 'internal', message: `There is no plan for a run of kind ${run.kind}` });
  }
}

/** To the server that a backup reads, as it is defined now. */
async function pushPlan(context: ControlContext, run: RunRow, { backupId, snapshotId, rename, existing }: PushRequest): Promise<PushPlan> {
  const { config } = await readBackup(context, context.database.tables, backupId);
  return {
    kind: 'push',
    runId: run.id,
    title: run.title,
    repository: await repositoryOf(context, run),
    snapshotId,
    chain: await chainLinks(context, config.chain),
    source: config.source,
    sourcePassword: await sourcePasswordOf(context, backupId),
    rename,
    existing,
  };
}

/** The repository of a run that works with one. `not-found` if its storage server was removed. */
export async function repositoryOf(context: ControlContext, run: RunRow): ReturnType<typeof repositoryAccess> {
  if (run.storage_server_id !== null) return await repositoryAccess(context, run.storage_server_id);
  throw new CodedError({
    code: 'not-found',
    message: `The storage server of ${run.title} was removed`,
    hint: 'What it stores is still there. Add it again to work with it.',
  });
}
