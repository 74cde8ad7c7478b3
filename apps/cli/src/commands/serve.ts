import { CodedError } from '@holdfast/kernel';
import type { Command } from 'commander';
import { managerSetting } from '../environment.ts';
import type { CommandModule } from '../program.ts';
import { wholeNumber } from '../repository-flags.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { untilStopped } from '../until-stopped.ts';

interface ServeFlags {
  readonly port?: number;
  readonly host?: string;
  readonly data?: string;
  readonly url?: string;
  readonly worker: boolean;
  readonly logLevel?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .option('--port <number>', 'where to listen; 0 for any that is free; default $HOLDFAST_PORT or 8484', wholeNumber(0, 65_535))
    .option('--host <address>', 'for whom to listen; default $HOLDFAST_HOST or 127.0.0.1, this machine only')
    .option('--data <directory>', 'where Holdfast keeps its own things; default $HOLDFAST_DATA')
    .option('--url <url>', 'the address that people use, where another server stands in front; default $HOLDFAST_URL')
    .option('--no-worker', 'leave all runs to other workers at the same PostgreSQL')
    .option(
      '--log-level <level>',
      'debug, info, warn, error or silent; default $HOLDFAST_LOG_LEVEL, else warn on a terminal and info elsewhere',
    );
  run(serve);
};

async function serve(context: RunContext, _arguments: string[], flags: ServeFlags): Promise<void> {
  const { startServer } = await import('@holdfast/server');
  const databaseUrl = managerSetting('DATABASE_URL');
  if (!flags.worker && databaseUrl === undefined) {
    throw usageError('Without a worker nothing would ever run', 'Set HOLDFAST_DATABASE_URL, or leave --no-worker out.');
  }
  await using server = await startServer({
    port: flags.port ?? portFromEnvironment(),
    host: flags.host ?? managerSetting('HOST'),
    dataDirectory: flags.data ?? managerSetting('DATA'),
    publicUrl: flags.url ?? managerSetting('URL'),
    databaseUrl,
    isWorker: flags.worker,
    logLevel: flags.logLevel ?? managerSetting('LOG_LEVEL') ?? (process.stderr.isTTY ? 'warn' : 'info'),
    onStep: (text) => context.say(text),
    signal: context.signal,
  });
  if (context.json) context.message({ message_type: 'ready', url: server.url, setup_token: server.setupToken?.reveal() ?? null });
  context.say(`Holdfast is ready at ${server.url}`);
  if (server.setupToken !== undefined) {
    // The one who reads this owns the machine: it is meant for the console, and ends with the first account.
    context.say(`To create the administrator, this set-up token is needed: ${server.setupToken.reveal()}`);
  }
  await untilStopped(context.signal);
  context.say('Stopping; a second signal ends at once');
}

function portFromEnvironment(): number | undefined {
  const text = managerSetting('PORT');
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CodedError({ code: 'invalid-argument', message: `HOLDFAST_PORT is no port: ${JSON.stringify(text)}` });
}
