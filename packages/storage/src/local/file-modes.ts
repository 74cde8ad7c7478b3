import { stat } from 'node:fs/promises';
import { isErrno } from './errno.ts';

/** Permissions of what a repository is made of. */
export interface FileModes {
  readonly directory: number;
  /** Of a file that is complete: nobody may write it. */
  readonly file: number;
}

/** While a file is written, only its owner sees it. */
export const unfinishedFileMode = 0o600;

/** As restic does: a repository whose config the group may read is shared with the group, every other one is private. */
export async function fileModesOf(configPath: string): Promise<FileModes> {
  const shared = await stat(configPath).then(
    (config) => (config.mode & 0o040) !== 0,
    (error: unknown) => {
      if (!isErrno(error)) throw error;
      return false;
    },
  );
  return shared ? { directory: 0o770, file: 0o440 } : { directory: 0o700, file: 0o400 };
}
