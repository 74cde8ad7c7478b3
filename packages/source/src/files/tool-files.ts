import type { Host } from '@holdfast/connect/port';
import type { FarTools } from './far-tools.ts';
import type { FileAccess } from './file-access.ts';
import { findTagged } from './find-tagged.ts';
import { listFiles } from './list-files.ts';
import { readFiles } from './read-files.ts';

/** The files of a host that has a shell, find, stat and tar. */
export function toolFiles(host: Host, { listing, packing, gzip, missingMetadata }: FarTools): FileAccess {
  return {
    missingMetadata,
    list: (targets, options) => listFiles(host, targets, { kind: listing, gzip, ...options }),
    read: (files, options) => readFiles(host, files, { packing, ...options }),
    findTagged: (targets, tag, options) => findTagged(host, targets, tag, options),
  };
}
