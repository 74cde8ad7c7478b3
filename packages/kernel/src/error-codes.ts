/**
 * Every error code of Holdfast, with the sentence that docs/errors.md opens its entry with.
 * A test compares this table with docs/errors.md in both directions.
 */
export const errorCodes = {
  'invalid-argument': 'A value given by the user or a caller is not acceptable.',
  cancelled: 'The work was cancelled before it ended.',
  internal: 'Holdfast met a state that it believed impossible.',
  'storage-not-found': 'The file asked for does not exist on the storage.',
  'storage-exists': 'The storage already holds what was to be created.',
  'storage-unreachable': 'The storage did not answer, or answered with a passing failure.',
  'storage-denied': 'The storage refused access.',
  'storage-full': 'The storage has no room left.',
  'storage-short-read': 'The storage returned fewer bytes than it holds or than were asked for.',
  'storage-io': 'The storage failed to read or write.',
  'repository-missing': 'There is no repository at that place.',
  'repository-exists': 'There is a repository at that place already.',
  'repository-unsupported': 'The repository has a format version that Holdfast does not know.',
  'wrong-password': 'No key of the repository opens with the password given.',
  'repository-locked': 'Another process holds a lock that excludes this work.',
  'lock-lost': 'The own lock was removed or could not be refreshed in time, so the work was stopped.',
  'file-damaged': 'A file of the repository is not what its name or its seal says.',
  'blob-missing': 'A blob that is needed is in no index of the repository.',
  'blob-damaged': 'A blob does not decrypt, decompress or hash to its ID.',
  'format-invalid': 'A decoded structure breaks the rules of the repository format.',
  'verification-failed': 'Data about to be stored did not read back as what was meant.',
  'snapshot-not-found': 'No snapshot matches, or several do.',
  'path-not-found': 'The path does not exist in the snapshot or on this machine.',
  'source-unreadable': 'Something that was to be backed up could not be read.',
  'target-unwritable': 'Something that was to be restored could not be written.',
  'backup-failed': 'No destination received the snapshot.',
  'restore-incomplete': 'Some of what was to be restored is not there or not as it was.',
  'check-failed': 'The repository has errors.',
} as const;

export type ErrorCode = keyof typeof errorCodes;
