import { posix, relative, resolve } from 'node:path';
import { arrows, partitions, testArrows } from './rooms.ts';

interface Place {
  readonly room: string;
  /** Path within the workspace, such as `src/verbs/ls.ts`. */
  readonly path: string;
}

const repositoryRoot = resolve(import.meta.dirname, '../..');

/**
 * The workspace that a file belongs to: by the last `packages/` or `apps/` of its path within the repository, so that fixtures can lay
 * out a house of their own.
 */
function placeOf(file: string): Place | undefined {
  const found = /^(?:.*\/)?(?:packages|apps)\/([^/]+)\/(.+)$/.exec(file);
  return found?.[1] === undefined || found[2] === undefined ? undefined : { room: found[1], path: found[2] };
}

function isTest(file: string): boolean {
  return /\.test\.ts$/.test(file);
}

/**
 * What is wrong with importing `specifier` from the file of that absolute path, or undefined when the arrow is allowed.
 * Files outside packages/ and apps/ (tests across rooms, benchmarks, scripts) may import everything.
 */
export function forbiddenArrow(importer: string, specifier: string): string | undefined {
  const file = relative(repositoryRoot, importer).replaceAll('\\', '/');
  const from = placeOf(file);
  if (from === undefined) return undefined;
  const allowed = arrows[from.room];
  if (allowed === undefined) return `The room ${from.room} is not in scripts/lint/rooms.ts: add it with the rooms it may import.`;
  if (specifier.startsWith('@holdfast/')) {
    const target = specifier.slice('@holdfast/'.length);
    const room = target.split('/')[0] ?? '';
    const reachable = isTest(file) ? [...allowed, ...(testArrows[from.room] ?? [])] : allowed;
    if (reachable.includes(target) || reachable.includes(room)) return undefined;
    return `${from.room} may not import ${specifier}; it may import ${reachable.join(', ') || 'nothing of ours'}.`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const targetFile = posix.join(posix.dirname(file), specifier);
  const to = placeOf(targetFile);
  if (to === undefined) return isTest(file) ? undefined : `A relative import leaves the workspace ${from.room}: ${specifier}.`;
  if (to.room !== from.room) return `Import ${to.room} by its package name, not by a path (${specifier}).`;
  if (isTest(file)) return undefined;
  if (isTest(targetFile)) return `Only tests import tests (${specifier}).`;
  const wall = partitions.find(
    ({ room, from: one, to: other }) => room === from.room && from.path.startsWith(one) && to.path.startsWith(other),
  );
  return wall === undefined ? undefined : `${wall.from} may not import ${wall.to} (${specifier}): ${wall.why}.`;
}
