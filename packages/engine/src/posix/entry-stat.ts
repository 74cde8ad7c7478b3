import { type BigIntStats, fstatSync } from 'node:fs';
import type { CString } from './c-string.ts';
import { openAt } from './directory-calls.ts';
import { closeFile } from './file-calls.ts';
import { openFlags } from './open-flags.ts';
import { systemError } from './system-error.ts';

/** What the entry of that name in an open directory is, a link not followed; undefined if there is none. */
export function statAt(directory: number, name: CString): BigIntStats | undefined {
  const fd = openAt(directory, name, openFlags.onlyName);
  if (fd < 0) {
    const error = systemError(fd, 'openat');
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return fstatSync(fd, { bigint: true });
  } finally {
    closeFile(fd);
  }
}
