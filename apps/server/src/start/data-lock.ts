import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CodedError } from '@holdfast/kernel';

/**
 * Holds a data directory for this process until it is disposed of. The lock is SQLite's own on an empty file, thus the operating system's:
 * it ends with the process however that ends. `data-directory-in-use`, naming the process, if another one holds it.
 */
export function lockDataDirectory(dataDirectory: string): Disposable {
  const pidFile = join(dataDirectory, 'server.pid');
  const lock = new DatabaseSync(join(dataDirectory, 'server.lock'), { timeout: 200 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new CodedError({
      code: 'data-directory-in-use',
      message: `Another Holdfast${readPid(pidFile)} works with the data directory ${dataDirectory}`,
      hint: 'Stop it first, or choose another data directory with --data.',
      cause,
    });
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return { [Symbol.dispose]: () => lock.close() };
}

function readPid(path: string): string {
  try {
    const pid = readFileSync(path, 'utf8').trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : '';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
