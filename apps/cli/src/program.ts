import { createRequire } from 'node:module';
import { CodedError } from '@holdfast/kernel';
import { Command, CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { addOutputFlags } from './output-flags.ts';
import { addRepositoryFlags, type RepositoryFlags } from './repository-flags.ts';
import { RunContext } from './run-context.ts';

/** The options of a command, and its work. */
export interface CommandModule {
  define(command: Command, run: (work: (context: RunContext, arguments_: string[], options: never) => Promise<void>) => void): void;
}

/** What the list says of a command, and where its options and its work are. The file is loaded only when the command is called. */
type CommandList = Readonly<Record<string, { readonly about: string; readonly load: () => Promise<CommandModule> }>>;

/** `holdfast …`, beside `holdfast repo`. */
const commands: CommandList = {
  serve: { about: 'start the manager with its web page', load: () => import('./commands/serve.ts') },
  worker: { about: 'carry out runs of a manager on another machine', load: () => import('./commands/worker.ts') },
  user: { about: 'look after accounts', load: () => import('./commands/user.ts') },
  backup: { about: 'list, define and run the backups of a manager', load: () => import('./commands/manage-backup.ts') },
  restore: { about: 'restore from a backup of a manager', load: () => import('./commands/manage-restore.ts') },
  retention: { about: 'see what a retention policy keeps', load: () => import('./commands/retention.ts') },
  schedule: { about: 'see when a schedule fires', load: () => import('./commands/schedule.ts') },
  chain: { about: 'try a chain of connections, and run commands through it', load: () => import('./commands/chain.ts') },
};

/** `holdfast repo …`. */
const verbs: CommandList = {
  init: { about: 'make a new repository', load: () => import('./commands/init.ts') },
  backup: { about: 'back up files and directories', load: () => import('./commands/backup.ts') },
  snapshots: { about: 'list snapshots', load: () => import('./commands/snapshots.ts') },
  restore: { about: 'restore a snapshot, or a part of it', load: () => import('./commands/restore.ts') },
  ls: { about: 'list the files of a snapshot', load: () => import('./commands/ls.ts') },
  find: { about: 'find files in snapshots', load: () => import('./commands/find.ts') },
  diff: { about: 'compare two snapshots', load: () => import('./commands/diff.ts') },
  dump: { about: 'write a file, or a directory as tar, to standard output', load: () => import('./commands/dump.ts') },
  stats: { about: 'count what snapshots hold', load: () => import('./commands/stats.ts') },
  check: { about: 'look for damage', load: () => import('./commands/check.ts') },
  forget: { about: 'remove snapshots by rules or by ID', load: () => import('./commands/forget.ts') },
  prune: { about: 'remove data that no snapshot uses', load: () => import('./commands/prune.ts') },
  copy: { about: 'copy snapshots from another repository', load: () => import('./commands/copy.ts') },
  tag: { about: 'change the tags of snapshots', load: () => import('./commands/tag.ts') },
  key: { about: 'list, add, remove and change passwords', load: () => import('./commands/key.ts') },
  unlock: { about: 'remove locks that nobody holds any more', load: () => import('./commands/unlock.ts') },
  cat: { about: 'print a file of the repository, decrypted', load: () => import('./commands/cat.ts') },
};

/** Runs the command line and returns the exit code. Errors are told here and nowhere else. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const program = new Command('holdfast').description('Backups that can be restored.').version(packageVersion()).exitOverride();
  const repo = addRepositoryFlags(program.command('repo').description('work on a repository in the format of restic'));
  let context: RunContext | undefined;
  /** Adds the commands of a list, of which only the one that is called is loaded. */
  const add = async (parent: Command, list: CommandList, called: string | undefined, addFlags: (command: Command) => Command) => {
    for (const [name, { about, load }] of Object.entries(list)) {
      const command = addFlags(parent.command(name).description(about));
      if (name !== called) continue;
      (await load()).define(command, (work) => {
        const act = async (...received: unknown[]): Promise<void> => {
          const self = received.at(-1) as Command;
          context = new RunContext(self.name(), self.optsWithGlobals<RepositoryFlags>(), interruption.signal);
          await work(context, self.args, self.optsWithGlobals() as never);
        };
        for (const each of command.commands) addFlags(each as Command).action(act);
        if (command.commands.length === 0) command.action(act);
      });
    }
  };
  const [first, ...rest] = argv;
  await add(repo, verbs, first === 'repo' ? rest.find((argument) => Object.hasOwn(verbs, argument)) : undefined, addRepositoryFlags);
  await add(program, commands, first, addOutputFlags);
  const stop = (signal: NodeJS.Signals): void => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort(new CodedError({ code: 'cancelled', message: `Stopped by ${signal}` }));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.on('error', (cause) => {
    // Whoever read the output went away (`| head`): end in order, so that no lock is left.
    interruption.abort(new CodedError({ code: 'cancelled', message: 'Nobody reads the output any more', cause }));
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return context?.exitCode ?? exitCodes.success;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    tell(error, argv.includes('--json'), context);
    return exitCodeOf(error);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function tell(error: unknown, json: boolean, context: RunContext | undefined): void {
  context?.progress.clear();
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    process.stderr.write(`${JSON.stringify({ message_type: 'exit_error', code: exitCodeOf(error), message })}\n`);
    return;
  }
  process.stderr.write(`Fatal: ${message}\n`);
  if (CodedError.is(error)) {
    for (let cause = error.cause; CodedError.is(cause); cause = cause.cause) process.stderr.write(`  because: ${cause.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`Hint: ${error.hint}\n`);
  } else if (error instanceof Error && process.env['HOLDFAST_DEBUG'] !== undefined) {
    process.stderr.write(`${error.stack}\n`);
  }
}

function packageVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
