import { metadataTemplate, type NodeTemplate } from '../../format/encode-node.ts';
import { goModeFromUnix } from '../../format/go-mode.ts';
import type { LocalTimeFormatter } from '../../format/go-time.ts';
import type { NodeType } from '../../format/tree-node.ts';
import type { ListedEntry } from './entry-source.ts';

const unixTypes: Readonly<Record<NodeType, number>> = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  dev: 0o060000,
  chardev: 0o020000,
  fifo: 0o010000,
  socket: 0o140000,
  irregular: 0,
};

/** The JSON of a listed entry's metadata: what the walker of this machine writes for the same entry without extended attributes. */
export function listedTemplate(entry: ListedEntry, name: Uint8Array, times: LocalTimeFormatter): NodeTemplate {
  const mtime = times.format(entry.mtimeNs);
  return metadataTemplate({
    name,
    type: entry.type,
    mode: goModeFromUnix(unixTypes[entry.type] | entry.permissions),
    mtime,
    atime: mtime,
    ctime: times.format(entry.ctimeNs),
    uid: entry.uid,
    gid: entry.gid,
    user: entry.user,
    group: entry.group,
    inode: entry.inode,
    deviceId: entry.deviceId,
    links: entry.type === 'dir' || entry.type === 'fifo' ? 0 : entry.links,
    linkTarget: entry.type === 'symlink' ? entry.linkTarget : undefined,
    extendedAttributes: [],
    genericAttributes: undefined,
    device: entry.device,
  });
}
