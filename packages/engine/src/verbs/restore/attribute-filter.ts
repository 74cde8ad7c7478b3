import { PatternList } from '../../selection/path-pattern.ts';

/** Which extended attributes are restored, or removed where the snapshot has none: all, those that match, or those that do not. */
export function attributeFilter(
  include: readonly string[] | undefined,
  exclude: readonly string[] | undefined,
): (name: Uint8Array) => boolean {
  if (include !== undefined) {
    const included = PatternList.parse(include);
    return (name) => included.match(name).matched;
  }
  if (exclude !== undefined) {
    const excluded = PatternList.parse(exclude);
    return (name) => !excluded.match(name).matched;
  }
  return () => true;
}
