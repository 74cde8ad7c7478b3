import type { Backup, BackupConfig } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { describeChanges } from '../audit/describe-changes.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { readBackup } from './backup-view.ts';
import { checkConfig } from './check-config.ts';
import { sealSourcePassword } from './source-password.ts';
import { writeVersion } from './write-version.ts';

export interface UpdateBackupInput {
  readonly id: string;
  readonly config: BackupConfig;
  /** The version that the change was made on. */
  readonly version: number;
  /** Not given: it stays as it is; null takes it away. */
  readonly sourcePassword?: string | null | undefined;
}

/**
 * Makes a new version, unless nothing differs. A new schedule counts from now on: it makes up for nothing. `changed-meanwhile` if the version
 * is not the one in force any more; `not-found`; errors as `checkConfig`.
 */
export async function updateBackup(context: ControlContext, caller: Caller, input: UpdateBackupInput): Promise<Backup> {
  const { id, config, version, sourcePassword } = input;
  const backup = await context.database.transaction(async (tables) => {
    const before = await readBackup(context, tables, id);
    if (before.version !== version) {
      throw new CodedError({
        code: 'changed-meanwhile',
        message: `The backup ${before.config.name} was changed since: version ${version} became version ${before.version}`,
        hint: 'Load it again and make the change once more.',
        context: { field: 'version' },
      });
    }
    await checkConfig(tables, config, id);
    if (sourcePassword === undefined && JSON.stringify(before.config) === JSON.stringify(config)) return before;
    const isRescheduled =
      JSON.stringify([before.config.schedule, before.config.timeZone]) !== JSON.stringify([config.schedule, config.timeZone]);
    await tables
      .updateTable('backup')
      .set({
        name: config.name,
        version: version + 1,
        ...(isRescheduled ? { scheduled_until_ms: nowMs(context.clock) } : {}),
        ...(sourcePassword === undefined ? {} : { source_password: sealSourcePassword(context, id, sourcePassword) }),
      })
      .where('id', '=', id)
      .execute();
    await writeVersion(context, tables, caller, { backupId: id, version: version + 1, config });
    await writeAudit(context, tables, caller, {
      verb: 'backups.update',
      object: `backup ${before.config.name}`,
      details: `version ${version + 1}: ${describeChanges(before.config, config)}${sourcePassword === undefined ? '' : '; the password of its source'}`,
    });
    return await readBackup(context, tables, id);
  });
  context.changes.publish({ noun: 'backup', id });
  return backup;
}
