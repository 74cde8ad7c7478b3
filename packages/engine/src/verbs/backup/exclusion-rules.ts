/** What is left out of a backup. Patterns are restic's, each list in its order. */
export interface ExclusionRules {
  readonly patterns: readonly string[];
  readonly caseInsensitivePatterns: readonly string[];
  /** Leave out the content of directories that carry a CACHEDIR.TAG. */
  readonly caches: boolean;
  /** `FILENAME[:HEADER]`: leave out the content of directories that hold such a file. */
  readonly ifPresent: readonly string[];
  readonly largerThanBytes: number | undefined;
}
