import { chmod, mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CodedError } from '@holdfast/kernel';

/** Where Holdfast keeps its own things unless told: root's in /var/lib, a user's below the home directory. */
export function defaultDataDirectory(environment: Readonly<Record<string, string | undefined>>, isRoot: boolean): string {
  if (isRoot) return '/var/lib/holdfast';
  const base = environment['XDG_DATA_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.local', 'share'), 'holdfast');
}

/** Makes the data directory, or takes the one that is there; only its owner may look into it from now on. Returns its whole path. */
export async function prepareDataDirectory(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    await mkdir(whole, { recursive: true, mode: 0o700 });
    const { mode } = await stat(whole);
    if ((mode & 0o777) !== 0o700) await chmod(whole, 0o700);
    return whole;
  } catch (cause) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `The data directory ${whole} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Choose another one with --data or HOLDFAST_DATA, or let this account own it.',
      cause,
    });
  }
}
