import { constants } from 'node:fs';
import { isDarwin } from './libc.ts';

const closeOnExec = isDarwin ? 0x100_0000 : 0o200_0000;
/** Linux: a descriptor that only names the entry. macOS: opens the symbolic link itself. */
const onlyName = isDarwin ? 0x20_0000 | constants.O_NONBLOCK : 0o1000_0000 | constants.O_NOFOLLOW;
/** Never follows a link in the last component, never waits at a FIFO. */
const careful = closeOnExec | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Ways to open an entry. None of them follows a symbolic link, except `anyDirectory` for a path that the user chose. */
export const openFlags = {
  directory: careful | constants.O_RDONLY | constants.O_DIRECTORY,
  anyDirectory: closeOnExec | constants.O_RDONLY | constants.O_DIRECTORY,
  read: careful | constants.O_RDONLY,
  write: careful | constants.O_WRONLY,
  create: careful | constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  onlyName: closeOnExec | onlyName,
} as const;
