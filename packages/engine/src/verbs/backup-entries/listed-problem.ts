import { CodedError } from '@holdfast/kernel';
import type { ItemProblem } from '../backup/backup-job.ts';
import type { SourceProblem } from './entry-source.ts';

/** The problem of an item as a report has it. */
export function listedProblem({ path, kind, reason }: SourceProblem): ItemProblem {
  const shown = JSON.stringify(Buffer.from(path).toString());
  if (kind === 'changed') {
    const error = new CodedError({
      code: 'source-unreadable',
      message: `${shown} changed while it was read; what was read is stored`,
      hint: 'Its content may mix states. Back up from a file-system snapshot, or use a driver made for that application.',
      context: { reason },
    });
    return { path, kind, error };
  }
  const error = new CodedError({
    code: 'source-unreadable',
    message: `${shown} cannot be read: ${reason}`,
    hint:
      kind === 'vanished'
        ? 'See whether it still exists, or exclude it.'
        : 'Connect as a user who may read it, see whether its disk is well, or exclude it.',
    context: { reason, ...(kind === 'vanished' ? { errno: 'ENOENT' } : {}) },
  });
  return { path, kind, error };
}

/** A target that is not there: a path that the user named is not among what may vanish while a backup runs. */
export function missingTarget(path: Uint8Array): ItemProblem {
  const error = new CodedError({
    code: 'source-unreadable',
    message: `${JSON.stringify(Buffer.from(path).toString())} does not exist`,
    hint: 'Check the path for a spelling mistake or a missing mount, or leave it out.',
    context: { errno: 'ENOENT' },
  });
  return { path, kind: 'unreadable', error };
}
