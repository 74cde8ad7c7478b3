import { readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CodedError } from '@holdfast/kernel';

const mostNames = 2000;

/** Directories of this machine in one of them, for choosing. Links to directories are left out: what they lead to has a path of its own. */
export async function listDirectories(asked: string): Promise<{ path: string; parent: string | null; directories: string[] }> {
  if (!asked.startsWith('/') || asked.includes('\0')) {
    throw new CodedError({ code: 'invalid-argument', message: 'Write the whole path, from / on', context: { field: 'path' } });
  }
  const path = resolve(asked);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const directories = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
    return { path, parent: path === '/' ? null : dirname(path), directories: directories.slice(0, mostNames) };
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it fails';
    throw new CodedError({
      code: 'path-not-found',
      message: `The directory ${path} cannot be listed: ${reason}`,
      context: { field: 'path' },
      cause,
    });
  }
}
