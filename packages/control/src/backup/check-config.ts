import type { BackupConfig } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { Tables } from '../database/database.ts';
import { nameTaken, wrongField } from '../refusals.ts';
import { parseRetentionPolicy } from '../retention/retention-policy.ts';
import { parseSchedule } from '../schedule/schedule.ts';
import { requireZone } from '../schedule/time-zone.ts';

/**
 * What the form of a configuration cannot tell: `conflict` for a name that another backup has, `invalid-argument` for a storage server
 * or connection that is not there, a place behind the end of the chain, a wrong cron line, zone or policy. Each names the field.
 */
export async function checkConfig(tables: Tables, config: BackupConfig, backupId: string | null): Promise<void> {
  const { name, storageServerIds } = config;
  checkField('config.schedule', () => config.schedule !== null && parseSchedule(config.schedule));
  checkField('config.timeZone', () => requireZone(config.timeZone));
  checkField('config.retention', () => parseRetentionPolicy(config.retention));
  const namesake = await tables.selectFrom('backup').select('id').where('name', '=', name).executeTakeFirst();
  if (namesake !== undefined && namesake.id !== backupId) throw nameTaken('backup', name, 'config.name');
  const rows = await tables.selectFrom('storage_server').select('id').where('id', 'in', storageServerIds).execute();
  const there = new Set(rows.map(({ id }) => id));
  for (const [index, id] of storageServerIds.entries())
    if (!there.has(id)) throw wrongField(`config.storageServerIds.${index}`, `There is no storage server ${id}`, 'Choose one of the list.');
  await requireConnections(tables, config.chain, 'config.chain');
  for (const [index, { link }] of config.hooks.entries()) {
    if (link === null || link <= config.chain.length) continue;
    throw wrongField(`config.hooks.${index}.link`, `The chain has no link ${link}`, 'Count from 1, or write 0 for the Holdfast machine.');
  }
}

/** `invalid-argument` for a connection of a chain that is not there. */
export async function requireConnections(tables: Tables, chain: readonly string[], field: string): Promise<void> {
  if (chain.length === 0) return;
  const rows = await tables
    .selectFrom('connection')
    .select('id')
    .where('id', 'in', [...chain])
    .execute();
  const known = new Set(rows.map(({ id }) => id));
  for (const [index, id] of chain.entries())
    if (!known.has(id)) throw wrongField(`${field}.${index}`, `There is no connection ${id}`, 'Choose one of the list.');
}

function checkField(field: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!CodedError.is(error, 'invalid-argument')) throw error;
    throw wrongField(field, error.message, error.hint ?? 'Nothing was changed.');
  }
}
