import { resolve } from 'node:path';
import { RestorePlan, type StoredSnapshot } from '@holdfast/contract';
import { type Command, Option } from 'commander';
import { addServerFlags, openApi, type ServerFlags } from '../api-client.ts';
import type { CommandModule } from '../program.ts';
import { collect } from '../repository-flags.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { waitForRun } from '../wait-for-run.ts';
import { findBackup } from './manage-backup.ts';

interface RestoreFlags extends ServerFlags {
  readonly target: string;
  readonly snapshot: string;
  readonly path?: string[];
  readonly overwrite: string;
  readonly verify: boolean;
  readonly dryRun?: boolean;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addServerFlags(command.argument('<backup>', 'name or id of the backup'))
    .requiredOption('--target <directory>', 'where to restore to, on the machine of Holdfast')
    .option('--snapshot <id>', 'which snapshot: latest, or the beginning of its id', 'latest')
    .option('--path <path>', 'restore only this; may be given several times', collect)
    .addOption(new Option('--overwrite <rule>', 'what is there already').choices(RestorePlan.shape.overwrite.options).default('if-changed'))
    .option('--no-verify', 'do not read back what was written')
    .option('--dry-run', 'only say what would be done');
  run(restore);
};

async function restore(context: RunContext, [name = '']: string[], flags: RestoreFlags): Promise<void> {
  const api = openApi(flags, context.signal);
  const backup = await findBackup(api, name);
  const { items } = await api.snapshots.list({ backupId: backup.id, limit: 200 });
  const run = await api.runs.startRestore({
    storedSnapshotId: chooseSnapshot(items, flags.snapshot).id,
    paths: flags.path ?? [],
    target: resolve(flags.target),
    overwrite: RestorePlan.shape.overwrite.parse(flags.overwrite),
    verify: flags.verify,
    dryRun: flags.dryRun === true,
  });
  await waitForRun(context, api, run.id);
}

function chooseSnapshot(snapshots: readonly StoredSnapshot[], wanted: string): StoredSnapshot {
  const found =
    wanted === 'latest' ? snapshots.slice(0, 1) : snapshots.filter((each) => each.snapshotId.startsWith(wanted) || each.id === wanted);
  const [first] = found;
  // One snapshot may lie on several storage servers: any of them will do.
  if (first !== undefined && found.every((each) => each.snapshotId === first.snapshotId)) return first;
  throw usageError(
    first === undefined ? `There is no snapshot ${wanted}` : `Several snapshots begin with ${wanted}`,
    `The newest are: ${
      snapshots
        .slice(0, 5)
        .map((each) => each.snapshotId.slice(0, 8))
        .join(', ') || 'none'
    }`,
  );
}
