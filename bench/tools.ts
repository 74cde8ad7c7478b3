import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A backup program as the benchmark drives it: each verb gives the command to be timed. */
export interface Tool {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  init(repository: string): string[];
  backup(repository: string, source: string): string[];
  restore?(repository: string, target: string): string[];
  check?(repository: string): string[];
  forgetHalf?(repository: string, keepLast: number): string[];
  prune?(repository: string): string[];
}

const password = 'benchmark';
const main = fileURLToPath(new URL('../apps/cli/bin/holdfast.js', import.meta.url));

function resticLike(name: string, prefix: readonly string[], env: Readonly<Record<string, string>>): Tool {
  const run = (verb: string, repository: string, ...rest: readonly string[]): string[] => [
    ...prefix,
    verb,
    '-r',
    repository,
    '-q',
    ...rest,
  ];
  return {
    name,
    env,
    init: (repository) => run('init', repository),
    backup: (repository, source) => run('backup', repository, source),
    restore: (repository, target) => run('restore', repository, 'latest', '--target', target),
    check: (repository) => run('check', repository, '--read-data'),
    forgetHalf: (repository, keepLast) => run('forget', repository, '--keep-last', String(keepLast)),
    prune: (repository) => run('prune', repository),
  };
}

export function holdfast(): Tool {
  return resticLike('holdfast', [process.execPath, main, 'repo'], { HOLDFAST_PASSWORD: password });
}

/** One run of Holdfast to several repositories. */
export function holdfastFanOut(repositories: readonly string[], source: string): string[] {
  const [first, ...others] = repositories;
  return [
    process.execPath,
    main,
    'repo',
    'backup',
    '-r',
    first as string,
    ...others.flatMap((other) => ['--also-repo', other]),
    '-q',
    source,
  ];
}

export function restic(path: string, cacheDirectory: string): Tool {
  return resticLike('restic', [path], { RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: cacheDirectory });
}

export function borg(path: string, baseDirectory: string): Tool {
  return {
    name: 'borg',
    env: { BORG_PASSPHRASE: password, BORG_BASE_DIR: baseDirectory, BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes' },
    init: (repository) => [path, 'init', '-e', 'repokey-blake2', repository],
    backup: (repository, source) => [path, 'create', '-C', 'zstd,3', `${repository}::{now:%s%f}`, source],
    restore: (repository, target) => [
      'sh',
      '-c',
      'mkdir -p "$1" && cd "$1" && "$2" extract "$3::$("$2" list --last 1 --short "$3")"',
      'sh',
      target,
      path,
      repository,
    ],
    check: (repository) => [path, 'check', '--verify-data', repository],
  };
}

/** No encryption, no deduplication: the floor of what reading and compressing costs. */
export function tarZstd(): Tool {
  return {
    name: 'tar, zstd',
    env: {},
    init: (repository) => ['mkdir', '-p', repository],
    backup: (repository, source) => ['sh', '-c', 'tar -C "$2" -c . | zstd -q -3 -T2 -f -o "$1/archive.tar.zst"', 'sh', repository, source],
    restore: (repository, target) => [
      'sh',
      '-c',
      'mkdir -p "$2" && zstd -q -d -c "$1/archive.tar.zst" | tar -C "$2" -x',
      'sh',
      repository,
      target,
    ],
  };
}

/** Makes a folder and returns it. */
export function folder(path: string): string {
  if (!existsSync(path)) mkdirSync(path, { recursive: true });
  return path;
}
