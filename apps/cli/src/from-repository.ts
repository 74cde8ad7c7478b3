import { Repository } from '@holdfast/engine';
import type { Command } from 'commander';
import { environment } from './environment.ts';
import { openStorage } from './open-storage.ts';
import { readPassword } from './read-password.ts';
import { type RunContext, usageError } from './run-context.ts';

/** Options that name a second repository, to read from. */
export interface FromFlags {
  readonly fromRepo?: string;
  readonly fromPasswordFile?: string;
  readonly fromPasswordCommand?: string;
  readonly fromInsecureNoPassword?: boolean;
  readonly fromKeyHint?: string;
}

export function addFromFlags(command: Command): Command {
  return command
    .option('--from-repo <repository>', 'the other repository (or HOLDFAST_FROM_REPOSITORY)')
    .option('--from-password-file <file>', 'file that holds its password (or HOLDFAST_FROM_PASSWORD_FILE)')
    .option('--from-password-command <command>', 'command that prints its password')
    .option('--from-insecure-no-password', 'its password is empty')
    .option('--from-key-hint <key>', 'ID of its key to try first');
}

/** Opens that repository. */
export async function openFrom(context: RunContext, flags: FromFlags): Promise<Repository> {
  const location = flags.fromRepo ?? environment('FROM_REPOSITORY');
  if (location === undefined) throw usageError('No repository to read from was given', 'Use --from-repo PLACE.');
  const sources = {
    passwordFile: flags.fromPasswordFile,
    passwordCommand: flags.fromPasswordCommand,
    insecureNoPassword: flags.fromInsecureNoPassword,
  };
  const password = await readPassword(sources, { variable: 'FROM_PASSWORD', prompt: `password for ${location}: ` });
  const keyHint = flags.fromKeyHint ?? environment('FROM_KEY_HINT');
  return Repository.open({ storage: openStorage(location, context), password, keyHint, signal: context.signal });
}
