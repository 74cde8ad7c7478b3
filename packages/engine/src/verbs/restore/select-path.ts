import type { RestoreOptions } from './restore-options.ts';

export interface PathSelection {
  readonly selected: boolean;
  /** Whether something in the directory may be selected. */
  readonly childMayBe: boolean;
}

const slash = Buffer.from('/');

/** Whether a path (relative to the target) is chosen by the filters. Below an excluded directory nothing is. */
export function selectPath({ include, exclude }: RestoreOptions, path: Uint8Array, isDirectory: boolean): PathSelection {
  if (include !== undefined) {
    const { matched, childMayMatch } = include.match(Buffer.concat([slash, path]));
    return { selected: matched, childMayBe: isDirectory && childMayMatch };
  }
  const selected = exclude?.match(Buffer.concat([slash, path])).matched !== true;
  return { selected, childMayBe: isDirectory && selected };
}
