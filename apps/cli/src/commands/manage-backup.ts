import { type ApiClient, type Backup, BackupConfig, type StorageServer } from '@holdfast/contract';
import type { Command } from 'commander';
import { addServerFlags, openApi, type ServerFlags } from '../api-client.ts';
import { formatTable } from '../format-table.ts';
import { readJsonFile } from '../json-file.ts';
import type { CommandModule } from '../program.ts';
import { collect } from '../repository-flags.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { terminalText } from '../terminal-text.ts';
import { waitForRun } from '../wait-for-run.ts';

interface BackupFlags extends ServerFlags {
  readonly wait?: boolean;
  readonly config?: string;
  readonly name?: string;
  readonly path?: string[];
  readonly storage?: string[];
  readonly cron?: string;
  readonly zone?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addServerFlags(command.command('list').description('list the backups that are defined'));
  addServerFlags(command.command('status <backup>').description('show one backup, by its name or id'));
  addServerFlags(command.command('run <backup>').description('run it now and wait for its end')).option('--no-wait', 'only start it');
  addServerFlags(command.command('create').description('define a backup'))
    .option('--config <file>', 'JSON file of the whole definition; other options take the place of what it says')
    .option('--name <name>', 'what it is called')
    .option('--path <path>', 'a directory or file to back up; may be given several times', collect)
    .option('--storage <server>', 'name or id of a storage server; may be given several times', collect)
    .option('--cron <line>', 'when it runs; without it, only by hand')
    .option('--zone <zone>', 'time zone of the schedule; without it, that of this machine');
  run(manage);
};

async function manage(context: RunContext, [name = '']: string[], flags: BackupFlags): Promise<void> {
  const api = openApi(flags, context.signal);
  switch (context.verb) {
    case 'list':
      return list(context, await api.backups.list());
    case 'status':
      return status(context, await findBackup(api, name));
    case 'create':
      return status(context, await api.backups.create({ config: await configFrom(api, flags) }));
    default:
      return await runNow(context, api, await findBackup(api, name), flags);
  }
}

/** The backup of that name or id. */
export async function findBackup(api: ApiClient, name: string): Promise<Backup> {
  const backups = await api.backups.list();
  const found = backups.find((backup) => backup.id === name) ?? backups.find((backup) => backup.config.name === name);
  if (found !== undefined) return found;
  throw usageError(
    `There is no backup ${JSON.stringify(name)}`,
    `There are: ${backups.map((each) => each.config.name).join(', ') || 'none'}`,
  );
}

function list(context: RunContext, backups: readonly Backup[]): void {
  if (context.json) {
    for (const backup of backups) context.message(backup);
    return;
  }
  const rows = backups.map((each) => [
    terminalText(each.config.name),
    each.health,
    time(each.lastSuccessMs),
    time(each.nextRunMs),
    String(each.snapshots),
  ]);
  context.print(formatTable(['Name', 'Health', 'Last success', 'Next run', 'Snapshots'], rows));
}

function status(context: RunContext, backup: Backup): void {
  if (context.json) return context.message(backup);
  const { config } = backup;
  const lines = [
    ['Name', terminalText(config.name)],
    ['Id', backup.id],
    ['Health', `${backup.health}: ${backup.healthReason}`],
    ['Source', sourceText(config.source)],
    ['Last run', backup.lastRun === null ? 'never' : `${time(backup.lastRun.startedMs)} ${backup.lastRun.outcome ?? backup.lastRun.state}`],
    ['Last success', time(backup.lastSuccessMs)],
    ['Next run', time(backup.nextRunMs)],
    ['Snapshots', String(backup.snapshots)],
  ];
  context.print(lines.map(([label = '', value]) => `${`${label}:`.padEnd(14)}${value}`).join('\n'));
}

async function runNow(context: RunContext, api: ApiClient, backup: Backup, flags: BackupFlags): Promise<void> {
  const run = await api.backups.run({ id: backup.id });
  if (flags.wait === false) return context.json ? context.message(run) : context.say(`Run ${run.id} is waiting for its turn`);
  await waitForRun(context, api, run.id);
}

async function configFrom(api: ApiClient, flags: BackupFlags): Promise<BackupConfig> {
  const given: unknown = flags.config === undefined ? {} : await readJsonFile(flags.config, 'The definition');
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw usageError('The definition is no object', 'Mend the file.');
  const draft: Record<string, unknown> = { schedule: null, timeZone: flags.zone ?? Temporal.Now.timeZoneId(), retention: {}, ...given };
  if (flags.zone !== undefined) draft['timeZone'] = flags.zone;
  if (flags.name !== undefined) draft['name'] = flags.name;
  if (flags.cron !== undefined) draft['schedule'] = { cron: flags.cron };
  if (flags.path !== undefined) draft['source'] = { driver: 'files', paths: flags.path };
  if (flags.storage !== undefined) {
    const servers = await api.storageServers.list();
    draft['storageServerIds'] = flags.storage.map((name) => findStorageServer(servers, name).id);
  }
  const config = BackupConfig.safeParse(draft);
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  throw usageError(
    `The definition lacks something: ${issue?.path.join('.')}: ${issue?.message}`,
    'Give --name, --path and --storage, or a whole --config.',
  );
}

function findStorageServer(servers: readonly StorageServer[], name: string): StorageServer {
  const found = servers.find((server) => server.id === name || server.name === name);
  if (found !== undefined) return found;
  throw usageError(
    `There is no storage server ${JSON.stringify(name)}`,
    `There are: ${servers.map((each) => each.name).join(', ') || 'none'}`,
  );
}

function time(ms: number | null): string {
  return ms === null ? '-' : Temporal.Instant.fromEpochMilliseconds(ms).toString({ smallestUnit: 'second' });
}

function sourceText(source: Backup['config']['source']): string {
  switch (source.driver) {
    case 'files':
    case 'sqlite':
      return `${source.driver}: ${source.paths.map(terminalText).join(', ')}`;
    case 'command':
      return `command: ${terminalText(source.argv.join(' '))}`;
    case 'docker-volume':
      return `volumes: ${source.volumes.map(terminalText).join(', ')}`;
    case 'redis':
      return 'redis';
    default:
      return `${source.driver}: ${source.databases === 'all' ? 'all databases' : source.databases.map(terminalText).join(', ')}`;
  }
}
