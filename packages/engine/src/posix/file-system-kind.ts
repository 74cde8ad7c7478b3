import { statfsSync } from 'node:fs';

/** Numbers of statfs(2): ext2 to ext4, XFS, Btrfs, F2FS, ZFS, bcachefs. tmpfs is not among them: it did not always do so. */
const honestKinds: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0xca451a4e]);

/** Whether the file system of `path` is known to set a file's change time when an extended attribute of it is set or removed. Throws system errors. */
export function setsChangeTimeWithAttributes(path: Buffer): boolean {
  return process.platform === 'linux' && honestKinds.has(statfsSync(path).type >>> 0);
}
