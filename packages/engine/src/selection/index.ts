export { type CalendarDuration, parseDuration } from './duration.ts';
export { expandGlob } from './expand-glob.ts';
export { applyPolicy, type ForgetPolicy, isEmptyPolicy } from './forget-policy.ts';
export { groupSnapshots, parseGroupBy } from './group-snapshots.ts';
export { chooseParent } from './parent-snapshot.ts';
export { escapePattern, PatternList } from './path-pattern.ts';
export { pathBytes, pathText } from './path-text.ts';
export { parsePatternFile } from './pattern-file.ts';
export { parsePercentage, parseSize } from './size.ts';
export {
  byTime,
  matchesFilter,
  type NamedSnapshot,
  parseTagList,
  resolveSnapshot,
  type SnapshotFilter,
} from './snapshot-filter.ts';
export { parseSubset, selectSubset } from './subset.ts';
