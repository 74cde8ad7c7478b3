import { chmod, link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type RandomSource, toHex } from '@holdfast/kernel';
import { MasterKey } from './master-key.ts';

/** Where the key lies in a data directory. */
export function masterKeyPath(dataDirectory: string): string {
  return join(dataDirectory, 'master.key');
}

/** The key of the file, which only its owner can read from now on; undefined if there is no file. */
export async function readMasterKeyFile(path: string): Promise<MasterKey | undefined> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
    return MasterKey.parse(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Makes a key and a file of it, on disk before it is used. The file appears whole or not at all; if another process was faster, it is that
 * one's key that is returned.
 */
export async function createMasterKeyFile(path: string, random: RandomSource): Promise<MasterKey> {
  const key = new MasterKey(random.bytes(32));
  const draft = `${path}.${toHex(random.bytes(8))}`;
  try {
    await using file = await open(draft, 'wx', 0o600);
    await file.writeFile(`${toHex(key.reveal())}\n`);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const other = await readMasterKeyFile(path);
    if (other === undefined) throw error;
    return other;
  } finally {
    await rm(draft, { force: true });
  }
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
  return key;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
