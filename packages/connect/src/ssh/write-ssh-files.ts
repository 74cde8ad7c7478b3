import { writeFile } from 'node:fs/promises';
import { childEnvironment } from '../local-environment.ts';
import { formatHostKey } from './host-key.ts';
import { mustAsk, pathOf, type SshFiles, type SshWay, sshConfig } from './ssh-config.ts';
import type { SshConnection } from './ssh-connection.ts';

/** Writes what ssh needs for one hop into its private directory, readable for this account only. */
export async function writeSshFiles(connection: SshConnection, files: SshFiles, way: SshWay): Promise<void> {
  const { credentials, hostKeys } = connection;
  const write = async (name: Parameters<typeof pathOf>[1], content: string, mode = 0o600): Promise<void> => {
    await writeFile(pathOf(files, name), content, { mode, flag: 'wx' });
  };
  await write('known_hosts', hostKeys.map((key) => `${files.alias} ${formatHostKey(key)}\n`).join(''));
  if (credentials.privateKey !== undefined) await write('key', withNewline(credentials.privateKey.reveal()));
  if (credentials.certificate !== undefined) await write('key-cert', withNewline(credentials.certificate));
  if (credentials.password !== undefined) await write('password', credentials.password.reveal());
  if (credentials.passphrase !== undefined) await write('passphrase', credentials.passphrase.reveal());
  if (mustAsk(connection)) await write('askpass', askpass(files), 0o700);
  await write('config', sshConfig(connection, files, way));
}

/** The environment of ssh. Where it must ask, it asks a script in the private directory; no secret is in here. */
export function sshEnvironment(connection: SshConnection, files: SshFiles): Record<string, string> {
  // SHELL runs ssh's proxy and local commands, which are written for a POSIX shell.
  const base = { ...childEnvironment(process.env), SHELL: '/bin/sh', LC_ALL: 'C' };
  if (!mustAsk(connection)) return base;
  // DISPLAY is what ssh before 8.4 wants to see before it asks anybody but a terminal.
  return { ...base, SSH_ASKPASS: pathOf(files, 'askpass'), SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none' };
}

/** Answers ssh's questions about this hop and its key, and no others: a password never goes to another host of the chain. */
function askpass(files: SshFiles): string {
  return `#!/bin/sh
case $1 in
*"@${files.alias}'s password: "|"("*"@${files.alias}) "*) exec cat ${pathOf(files, 'password')} ;;
*"passphrase for key '${pathOf(files, 'key')}'"*) exec cat ${pathOf(files, 'passphrase')} ;;
esac
exit 1
`;
}

/** ssh does not read a key whose last line has no end. */
function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
