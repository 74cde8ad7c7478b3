import { decodeTree } from '../../format/decode-tree.ts';
import { listNames } from '../../posix/descriptor-path.ts';
import { isSystemError } from '../../posix/system-error.ts';
import { DirectoryHandles } from './directory-handles.ts';
import { entryState } from './entry-state.ts';
import type { RestorePlanner } from './plan-restore.ts';
import type { RestoreCrew } from './restore-crew.ts';
import type { RestoreLedger } from './restore-ledger.ts';
import type { RestoreOptions, RestoreRepository } from './restore-options.ts';
import { selectPath } from './select-path.ts';
import { describeFailure } from './target-error.ts';

const slash = Buffer.from('/');

/**
 * Removes what is selected and not in the snapshot from the directories that were there before the restore. A directory of which any
 * part could not be read from the snapshot is left alone: what belongs in it is not known.
 */
export async function removeUnexpected(
  repository: RestoreRepository,
  { plan, trees, unknownDirectories }: RestorePlanner,
  targetFd: number,
  crew: RestoreCrew,
  ledger: RestoreLedger,
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const { state } = plan.shared;
  for (const [directory, tree] of trees) {
    signal.throwIfAborted();
    if (state[directory] !== entryState.keep || unknownDirectories.has(directory)) continue;
    const present = namesIn(directory);
    if (present.length === 0) continue;
    const expected = new Set<string>();
    for (const { name } of decodeTree(await repository.loadBlob('tree', tree, { signal })))
      expected.add(Buffer.from(name).toString('latin1'));
    const path = plan.path(directory);
    const names = present.filter((name) => {
      if (expected.has(name.toString('latin1'))) return false;
      return selectPath(options, path.byteLength === 0 ? name : Buffer.concat([path, slash, name]), false).selected;
    });
    if (names.length === 0) continue;
    const { removed, problems } = await crew.run({ kind: 'remove', directory, names });
    ledger.deleted(directory, removed);
    ledger.failures(problems);
  }

  function namesIn(directory: number): readonly Buffer[] {
    using handles = new DirectoryHandles(plan, targetFd);
    try {
      return listNames(handles.descriptor(directory));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      ledger.failures([{ entry: directory, kind: 'deletion', code: 'target-unwritable', detail: describeFailure(error) }]);
      return [];
    }
  }
}
