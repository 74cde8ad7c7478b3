import { describeChanges } from '../audit/describe-changes.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { wrongField } from '../refusals.ts';
import { getSetting } from './get-setting.ts';
import type { Setting } from './setting.ts';

/** Changes a setting. `invalid-argument` for a value that it may not hold. */
export async function setSetting<T>(context: ControlContext, caller: Caller, setting: Setting<T>, value: unknown): Promise<T> {
  const { key, schema } = setting;
  const checked = schema.safeParse(value);
  if (!checked.success) throw wrongField(key, `${key} is not right: ${checked.error.issues[0]?.message ?? ''}`, 'Nothing was changed.');
  await context.database.transaction(async (tables) => {
    const before = await getSetting(tables, setting);
    const json = JSON.stringify(checked.data);
    await tables
      .insertInto('setting')
      .values({ key, value: json })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: json }))
      .execute();
    await writeAudit(context, tables, caller, {
      verb: 'settings.set',
      object: `setting ${key}`,
      details: describeChanges(before, checked.data),
    });
  });
  context.changes.publish({ noun: 'settings', id: key });
  return checked.data;
}
