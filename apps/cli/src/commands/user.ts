import type { Command } from 'commander';
import { managerSetting } from '../environment.ts';
import type { CommandModule } from '../program.ts';
import { readPassword } from '../read-password.ts';
import { type RunContext, usageError } from '../run-context.ts';

interface UserFlags {
  readonly data?: string;
  readonly newPasswordFile?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .command('reset-password <address>')
    .description('set a new password and end every session of that account')
    .option('--data <directory>', 'where Holdfast keeps its own things; default $HOLDFAST_DATA')
    .option('--new-password-file <file>', 'file that holds the new password; without it, it is asked for or read from standard input');
  run(resetPassword);
};

async function resetPassword(context: RunContext, [address]: string[], flags: UserFlags): Promise<void> {
  if (address === undefined) throw usageError('Whose password?', 'Give the address of the account.');
  const password = await readPassword(
    { passwordFile: flags.newPasswordFile },
    { variable: 'NEW_PASSWORD', prompt: `new password for ${address}: `, confirm: true },
  );
  const { resetUserPassword } = await import('@holdfast/server');
  await resetUserPassword(
    { dataDirectory: flags.data ?? managerSetting('DATA'), databaseUrl: managerSetting('DATABASE_URL') },
    address,
    password,
  );
  context.say(`The password of ${address} is new, and its sessions have ended`);
}
