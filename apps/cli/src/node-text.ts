import type { TreeNode } from '@holdfast/engine';
import { pathText } from './terminal-text.ts';

const typeLetters: Readonly<Record<TreeNode['type'], string>> = {
  file: '-',
  dir: 'd',
  symlink: 'L',
  dev: 'D',
  chardev: 'Dc',
  fifo: 'p',
  socket: 'S',
  irregular: '?',
};
const bits = { setuid: 2 ** 23, setgid: 2 ** 22, sticky: 2 ** 20 } as const;

/** Permissions as Go's FileMode prints them: `drwxr-xr-x`, `ugtrwx…` for the special bits. */
export function modeText({ type, mode }: TreeNode): string {
  const special = (mode & bits.setuid ? 'u' : '') + (mode & bits.setgid ? 'g' : '') + (mode & bits.sticky ? 't' : '');
  const letter = special !== '' && type === 'file' ? '' : typeLetters[type];
  const permissions = [...'rwxrwxrwx'].map((char, i) => (mode & (1 << (8 - i)) ? char : '-')).join('');
  return letter + special + permissions;
}

/** An entry in the long form. */
export function nodeLine(path: Uint8Array, node: TreeNode): string {
  const time = timeText(node.mtimeNs).slice(0, 19).replace('T', ' ');
  const target = node.linkTarget === undefined ? '' : ` -> ${pathText(node.linkTarget)}`;
  return `${modeText(node)} ${String(node.uid).padStart(5)} ${String(node.gid).padStart(5)} ${String(node.sizeBytes).padStart(6)} ${time} ${pathText(path)}${target}`;
}

/** An entry for programs, with restic's names. */
export function nodeJson(path: Uint8Array, node: TreeNode): Record<string, unknown> {
  return {
    name: Buffer.from(node.name).toString(),
    type: node.type,
    path: Buffer.from(path).toString(),
    uid: node.uid,
    gid: node.gid,
    ...(node.type === 'file' ? { size: node.sizeBytes } : {}),
    mode: node.mode,
    permissions: modeText(node),
    mtime: timeText(node.mtimeNs),
    atime: timeText(node.atimeNs),
    ctime: timeText(node.ctimeNs),
    inode: exact(node.inode),
    message_type: 'node',
    struct_type: 'node',
  };
}

/** The same for `find`, which tells more and names the entry only by its path. What is empty is left out, as restic does. */
export function foundJson(path: Uint8Array, node: TreeNode): Record<string, unknown> {
  const { name: _name, message_type: _type, struct_type: _struct, size: _size, inode: _inode, ...fields } = nodeJson(path, node);
  return {
    ...fields,
    ...(node.user === '' ? {} : { user: node.user }),
    ...(node.group === '' ? {} : { group: node.group }),
    ...(node.inode === 0n ? {} : { inode: exact(node.inode) }),
    ...(node.deviceId === 0n ? {} : { device_id: exact(node.deviceId) }),
    ...(node.sizeBytes === 0 ? {} : { size: node.sizeBytes }),
    ...(node.links === 0 ? {} : { links: node.links }),
  };
}

/** A 64-bit number in JSON with all of its digits. */
function exact(value: bigint): unknown {
  return JSON.rawJSON(String(value));
}

function timeText(ns: bigint): string {
  const zone = Temporal.Now.timeZoneId();
  return new Temporal.Instant(ns).toString({ timeZone: zone }).replace(/\+00:00$/, 'Z');
}
