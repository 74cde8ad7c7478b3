export { loadKeyFile } from './keys.ts';
export { type InitOptions, type OpenOptions, Repository, type StoredSnapshot } from './repository.ts';
export type { LockOptions, RepositoryLock } from './repository-lock.ts';
