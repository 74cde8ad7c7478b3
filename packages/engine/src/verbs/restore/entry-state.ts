/** What is to be done with an entry of the plan, or has been. One byte each, in memory that all threads share. */
export const entryState = {
  /** A directory that was only walked through: nothing in it is wanted. */
  unneeded: 0,
  /** To be made anew; whatever is in the way is removed. */
  make: 1,
  /** A regular file of which only some content differs. */
  update: 2,
  /** A file with the right content: only its metadata are restored. Of a directory: it was there before. */
  keep: 3,
  /** Left alone by the overwrite rule. */
  skip: 4,
  /** Reported as a problem; nothing more is done. */
  failed: 5,
  /** Restored, whole. */
  done: 6,
  /** A directory that this restore made, or in a dry run would make. */
  fresh: 7,
} as const;
