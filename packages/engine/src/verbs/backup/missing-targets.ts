import { lstatSync } from 'node:fs';
import { CodedError } from '@holdfast/kernel';
import type { ItemProblem } from './backup-job.ts';

/** Whether something is there under that name. What cannot be looked at counts as there: reading it will tell why not. */
export function targetExists(target: Buffer): boolean {
  try {
    return lstatSync(target, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/**
 * The targets that are there, and a problem for each that is not: a path that the user named is not among what may vanish while a backup
 * runs. `path-not-found` when none is there.
 */
export function splitTargets(targets: readonly Buffer[]): {
  readonly targets: readonly Buffer[];
  readonly problems: readonly ItemProblem[];
} {
  const existing = targets.filter(targetExists);
  if (existing.length === 0) {
    throw new CodedError({
      code: 'path-not-found',
      message: 'None of the targets exists, so no snapshot was made',
      hint: 'Check the paths for spelling mistakes and missing mounts.',
      context: { targets: targets.length },
    });
  }
  const problems = targets.filter((target) => !existing.includes(target)).map(missing);
  return { targets: existing, problems };
}

function missing(path: Buffer): ItemProblem {
  const error = new CodedError({
    code: 'source-unreadable',
    message: `${JSON.stringify(path.toString())} does not exist`,
    hint: 'Check the path for a spelling mistake or a missing mount, or leave it out.',
    context: { errno: 'ENOENT' },
  });
  return { path, kind: 'unreadable', error };
}
