import { CodedError } from '@holdfast/kernel';
import { entryPath } from './dump-entry.ts';
import type { RestoreEntry } from './port.ts';

/** More than that are no dumps. */
const limit = 10_000;

/** The files among the entries by their path, in the order in which they came. Directories on the way are left out. */
export async function collectEntries(entries: AsyncIterable<RestoreEntry>): Promise<ReadonlyMap<string, RestoreEntry>> {
  const found = new Map<string, RestoreEntry>();
  for await (const entry of entries) {
    const path = entryPath(entry);
    if (entry.metadata.type !== 'file' || path === undefined) continue;
    if (found.size >= limit || found.has(path)) {
      const message = found.has(path) ? `${path} is there twice` : `There are more than ${limit} files`;
      throw new CodedError({ code: 'restore-incomplete', message: `${message} in what is to be restored: that is no backup of a server` });
    }
    found.set(path, entry);
  }
  return found;
}
