import type { Migration } from '../migration.ts';
import { up as initial } from './0001-initial.ts';
import { up as signIn } from './0002-sign-in.ts';
import { up as connections } from './0003-connections.ts';
import { up as storageSecrets } from './0004-storage-secrets.ts';

/** Every migration in order. New ones come last. */
export const allMigrations: readonly Migration[] = [
  { name: '0001-initial', up: initial },
  { name: '0002-sign-in', up: signIn },
  { name: '0003-connections', up: connections },
  { name: '0004-storage-secrets', up: storageSecrets },
];
