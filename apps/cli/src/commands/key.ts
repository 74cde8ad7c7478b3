import { changePassword, Repository, removeKey } from '@holdfast/engine';
import type { Secret } from '@holdfast/kernel';
import type { Command } from 'commander';
import { formatTable } from '../format-table.ts';
import { openLocked } from '../open-repository.ts';
import { openStorage, repositoryLocation } from '../open-storage.ts';
import type { CommandModule } from '../program.ts';
import { passwordFromFile, readPassword } from '../read-password.ts';
import type { RunContext } from '../run-context.ts';
import { terminalText } from '../terminal-text.ts';

interface KeyFlags {
  readonly newPasswordFile?: string;
  readonly newInsecureNoPassword?: boolean;
  readonly user?: string;
  readonly host?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command.command('list').description('list keys');
  addNewFlags(command.command('add').description('add a password'));
  command.command('remove').description('remove a key').argument('<id>', 'ID of the key, or the beginning of it');
  addNewFlags(command.command('passwd').description('change the password in use'));
  run(async (context, [id = ''], flags: KeyFlags) => {
    if (context.verb === 'list') await listKeys(context);
    else if (context.verb === 'remove') await remove(context, id);
    else if (context.verb === 'add') await add(context, flags);
    else await changeOwn(context, flags);
  });
};

function addNewFlags(command: Command): void {
  command
    .option('--new-password-file <file>', 'file that holds the new password')
    .option('--new-insecure-no-password', 'the new password is empty')
    .option('--user <name>', 'user name to mark the key with')
    .option('--host <name>', 'host name to mark the key with');
}

async function listKeys(context: RunContext): Promise<void> {
  await using place = await openLocked(context, 'shared', { index: false });
  const keys = (await place.repository.keys({ signal: place.signal })).sort((a, b) => (a.file.created < b.file.created ? -1 : 1));
  if (context.json) {
    const json = keys.map(({ id, file }) => ({
      current: id === place.repository.keyId,
      id,
      userName: file.username,
      hostName: file.hostname,
      created: file.created.slice(0, 19).replace('T', ' '),
    }));
    context.print(JSON.stringify(json));
    return;
  }
  const rows = keys.map(({ id, file }) => [
    `${id === place.repository.keyId ? '*' : ' '}${id.slice(0, 8)}`,
    terminalText(file.username),
    terminalText(file.hostname),
    file.created.slice(0, 19).replace('T', ' '),
  ]);
  context.print(formatTable([' ID', 'User', 'Host', 'Created'], rows));
}

async function add(context: RunContext, flags: KeyFlags): Promise<void> {
  await using place = await openLocked(context, 'shared', { index: false, writes: true });
  const id = await place.repository.addKey(await newPassword(context, flags), { signal: place.signal, ...names(flags) });
  context.say(`saved new key with ID ${id}`);
}

async function remove(context: RunContext, id: string): Promise<void> {
  await using place = await openLocked(context, 'exclusive', { index: false });
  context.say(`removed key ${await removeKey(place.repository, id, { signal: place.signal })}`);
}

async function changeOwn(context: RunContext, flags: KeyFlags): Promise<void> {
  await using place = await openLocked(context, 'exclusive', { index: false });
  const password = await newPassword(context, flags);
  const verify = async (keyHint: string): Promise<void> => {
    await using _ = await Repository.open({
      storage: openStorage(repositoryLocation(context), context),
      password,
      keyHint,
      signal: place.signal,
    });
  };
  context.say(`saved new key as ${await changePassword(place.repository, password, verify, { signal: place.signal })}`);
}

function names({ user, host }: KeyFlags): { username?: string; hostname?: string } {
  return { ...(user === undefined ? {} : { username: user }), ...(host === undefined ? {} : { hostname: host }) };
}

async function newPassword(context: RunContext, flags: KeyFlags): Promise<Secret> {
  if (flags.newPasswordFile !== undefined) return passwordFromFile(flags.newPasswordFile);
  return readPassword(
    { insecureNoPassword: flags.newInsecureNoPassword },
    { variable: 'NEW_PASSWORD', prompt: `new password for ${repositoryLocation(context)}: `, confirm: true },
  );
}
