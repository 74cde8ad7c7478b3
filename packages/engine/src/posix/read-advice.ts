import { declare, isDarwin } from './libc.ts';

const posixFadvise = isDarwin
  ? undefined
  : declare<[number, number, number, number]>('int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)');
const willNeed = 3;
/** The kernel reads ahead at most a device's request or so for each call. */
const stepBytes = 1 << 20;

/** Tells the kernel that a stretch of the file will be read soon: it fetches it while the thread does other work. A hint, so its failure means nothing. */
export function adviseSoon(fd: number, offset: number, length: number): void {
  if (posixFadvise === undefined) return;
  for (let at = 0; at < length; at += stepBytes) posixFadvise(fd, offset + at, Math.min(stepBytes, length - at), willNeed);
}
