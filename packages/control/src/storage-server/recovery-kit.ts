import { type StorageServer, storagePlace } from '@holdfast/contract';

export interface RecoveryKit {
  readonly fileName: string;
  readonly text: string;
}

/** What a person keeps to reach the backups when Holdfast is gone: the place, the password, and how to use both with restic alone. */
export function recoveryKit({ name, options, repositoryId, createdMs }: StorageServer, password: string, nowMs: number): RecoveryKit {
  const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
  const place = quoted(storagePlace(options));
  const slug = name.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  return {
    fileName: `holdfast-recovery-key-${slug === '' ? repositoryId.slice(0, 8) : slug}.txt`,
    text: [
      `HOLDFAST RECOVERY KEY: ${name}`,
      '',
      'Whoever has this text and reaches the storage can read every backup in it.',
      'Keep it away from the machine that is backed up, and away from the storage.',
      'Without it, and without Holdfast, nobody can read the backups.',
      '',
      `Storage     ${storagePlace(options)} (${options.driver})`,
      `Repository  ${repositoryId}`,
      `Password    ${password}`,
      `Since       ${day(createdMs)}; this text was made on ${day(nowMs)}`,
      '',
      'TO RESTORE WITHOUT HOLDFAST',
      '',
      '1. Install restic (https://restic.net), version 0.14 or later.',
      '2. Put the password into the environment and list what is there:',
      '',
      `     export RESTIC_REPOSITORY=${place}`,
      `     export RESTIC_PASSWORD=${quoted(password)}`,
      ...accessOf(options),
      '     restic snapshots',
      '',
      ...(options.driver === 'local' ? ['   If the disk is mounted elsewhere now, write that path instead.'] : []),
      '3. Restore the newest snapshot, or name one of the list in place of latest:',
      '',
      '     restic restore latest --target /tmp/restored',
      '     restic ls latest',
      '     restic restore latest --target /tmp/restored --include /path/to/a/file',
      '',
      '4. To see whether all of it is whole:',
      '',
      '     restic check --read-data',
      '',
      'TO GO ON WITH HOLDFAST',
      '',
      'Add a storage server with the place and the password above, and choose to adopt the repository that is there.',
      '',
    ].join('\n'),
  };
}

/** How restic gets at the storage besides. The key is not in here: it can do more than read, and the provider makes another one. */
function accessOf(options: StorageServer['options']): string[] {
  if (options.driver === 'local') return [];
  return [
    `     export AWS_ACCESS_KEY_ID=${quoted(options.accessKeyId)}`,
    "     export AWS_SECRET_ACCESS_KEY='…'   # of this access key, or of another one that may read the bucket",
    `     export AWS_DEFAULT_REGION=${quoted(options.region)}`,
  ];
}

/** For a shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9/:._-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
