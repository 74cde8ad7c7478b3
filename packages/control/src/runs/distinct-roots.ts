import { posix } from 'node:path';

/** How many places the paths name: `/data` and `/data/` are one, and are read once. */
export function distinctRoots(paths: readonly string[]): number {
  return new Set(paths.map((path) => posix.resolve('/', path))).size;
}
