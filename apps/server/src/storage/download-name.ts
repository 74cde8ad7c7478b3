import type { Services } from '../http/services.ts';
import { storedSnapshot } from './stored-snapshot.ts';

/** The name under which an entry of a snapshot is downloaded. `path-not-found` if there is none, so that no link leads nowhere. */
export async function downloadName(
  { control, vaults }: Services,
  input: { id: string; path: string },
  signal: AbortSignal,
): Promise<string> {
  const { access, snapshotId } = await storedSnapshot(control, input.id);
  const entry = await (await vaults.reader()).stat(access, snapshotId, input.path, signal);
  if (entry === null) return `snapshot-${snapshotId.slice(0, 8)}.tar`;
  return entry.type === 'dir' ? `${entry.name}.tar` : entry.name;
}
