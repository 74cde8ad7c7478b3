import { isAbsolute, resolve } from 'node:path';
import { parseTagList, type SnapshotFilter } from '@holdfast/engine';
import type { Command } from 'commander';
import { collect } from './repository-flags.ts';

/** Options that choose snapshots. */
export interface SnapshotFlags {
  readonly host?: string[];
  readonly tag?: string[];
  readonly path?: string[];
}

export function addSnapshotFlags(command: Command): Command {
  return command
    .option('-H, --host <host>', 'only snapshots of this host (may be given again)', collect)
    .option('--tag <tags>', 'only snapshots with all of these tags, separated by commas (may be given again for others)', collect)
    .option('--path <path>', 'only snapshots of this path (may be given again: all of them)', collect);
}

export function snapshotFilter({ host = [], tag = [], path = [] }: SnapshotFlags): SnapshotFilter {
  return {
    hosts: host.filter((name) => name !== ''),
    tagLists: tag.map(parseTagList),
    paths: path.map((each) => (isAbsolute(each) ? each : resolve(each))),
  };
}
