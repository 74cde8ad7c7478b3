import type { Services } from '../http/services.ts';
import { storedSnapshot } from './stored-snapshot.ts';

const mostEntries = 10_000;

/** What a directory of a snapshot holds. */
export async function listEntries({ control, vaults }: Services, input: { id: string; path: string }, signal: AbortSignal) {
  const { access, snapshotId } = await storedSnapshot(control, input.id);
  return await (await vaults.reader()).entries(access, snapshotId, input.path, mostEntries, signal);
}
