import type { RunProgress } from '@holdfast/contract';

/** How much is done, 0 to 1; null while that cannot be known. Bytes tell it where they are known, else files. */
export function fractionOf(progress: RunProgress): number | null {
  const { bytesDone, bytesTotal, filesDone, filesTotal } = progress;
  if (bytesTotal !== null && bytesTotal > 0) return Math.min(1, bytesDone / bytesTotal);
  if (filesTotal !== null && filesTotal > 0) return Math.min(1, filesDone / filesTotal);
  return null;
}
