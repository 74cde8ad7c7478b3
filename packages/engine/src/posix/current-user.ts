import { userInfo } from 'node:os';

export interface CurrentUser {
  /** Empty where the system has no name for the number, as in a container that runs under a number of its own. */
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
}

/** Who this process runs as. `look` asks the system, which throws for a user that it does not know. */
export function currentUser(look: () => CurrentUser = userInfo): CurrentUser {
  try {
    const { username, uid, gid } = look();
    return { username, uid: Math.max(uid, 0), gid: Math.max(gid, 0) }; // Windows has -1
  } catch {
    return { username: '', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  }
}
