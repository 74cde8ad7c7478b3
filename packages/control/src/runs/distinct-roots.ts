import { posix } from 'node:path';
import type { Source } from '@holdfast/contract';

/** How many things a run of that source has to find: places of files, or the one server or program. */
export function rootsOf(source: Source): number {
  if (source.driver === 'docker-volume') return new Set(source.volumes).size;
  return source.driver === 'files' ? distinctRoots(source.paths) : 1;
}

/** How many places the paths name: `/data` and `/data/` are one, and are read once. */
export function distinctRoots(paths: readonly string[]): number {
  return new Set(paths.map((path) => posix.resolve('/', path))).size;
}
