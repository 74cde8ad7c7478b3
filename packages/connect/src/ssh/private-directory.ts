import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProvablyDead, ownIdentity } from './process-identity.ts';

const prefix = 'holdfast-ssh-';
const ownerFile = 'owner';
/** A path that OpenSSH's configuration takes as it is, and that leaves a control socket under the 104 bytes that macOS allows it. */
const plainShortPath = /^[A-Za-z0-9_/.+-]{1,50}$/;

/** Where private directories are made: the system's folder for temporary files, or `/tmp` where that one's path is long or odd. */
export function privateDirectoryRoot(): string {
  const root = tmpdir();
  return plainShortPath.test(root) ? root : '/tmp';
}

/** A new directory that only this account may enter, marked with whose it is. */
export async function makePrivateDirectory(root: string): Promise<string> {
  const directory = await mkdtemp(join(root, prefix));
  try {
    await writeFile(join(directory, ownerFile), ownIdentity(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

/**
 * Removes the directories of this account whose process is provably dead, after `end` has ended what may still use them. Others, and what cannot
 * be read, stay.
 */
export async function sweepPrivateDirectories(root: string, end: (directory: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(prefix)) continue;
    const directory = join(root, name);
    if (!(await isLeftOver(directory))) continue;
    await end(directory);
    await rm(directory, { recursive: true, force: true });
  }
}

async function isLeftOver(directory: string): Promise<boolean> {
  try {
    const { uid } = await lstat(directory);
    if (uid !== process.getuid?.()) return false;
    return isProvablyDead(await readFile(join(directory, ownerFile), 'utf8'));
  } catch {
    // Somebody else removes it right now, or has only just made it.
    return false;
  }
}
