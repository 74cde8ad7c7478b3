import type { Command } from 'commander';
import { managerSetting } from '../environment.ts';
import type { CommandModule } from '../program.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { untilStopped } from '../until-stopped.ts';

interface WorkerFlags {
  readonly data?: string;
  readonly logLevel?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .option('--data <directory>', 'where the master key is, unless HOLDFAST_MASTER_KEY gives it; default $HOLDFAST_DATA')
    .option(
      '--log-level <level>',
      'debug, info, warn, error or silent; default $HOLDFAST_LOG_LEVEL, else warn on a terminal and info elsewhere',
    );
  run(work);
};

async function work(context: RunContext, _arguments: string[], flags: WorkerFlags): Promise<void> {
  const databaseUrl = managerSetting('DATABASE_URL');
  if (databaseUrl === undefined) {
    throw usageError('A worker needs the PostgreSQL of its server', 'Set HOLDFAST_DATABASE_URL, and HOLDFAST_MASTER_KEY to the same key.');
  }
  const { startWorker } = await import('@holdfast/server');
  await using _worker = await startWorker({
    databaseUrl,
    dataDirectory: flags.data ?? managerSetting('DATA'),
    logLevel: flags.logLevel ?? managerSetting('LOG_LEVEL') ?? (process.stderr.isTTY ? 'warn' : 'info'),
  });
  context.say('Holdfast is ready to work');
  await untilStopped(context.signal);
  context.say('Stopping; a second signal ends at once');
}
