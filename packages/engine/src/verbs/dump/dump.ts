import { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { unixPermissions } from '../../format/go-mode.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { BlobType } from '../../index/blob-type.ts';
import { resolveSubpath } from '../restore/resolve-subpath.ts';
import { walkTrees } from '../restore/tree-walk.ts';
import { gnuTarHeader } from './gnu-tar-header.ts';
import { linuxAclText } from './linux-acl.ts';
import { type Piece, readAhead } from './read-ahead.ts';
import { type TarEntry, type TarRecord, type TarType, tarEnd, tarHeader, tarPadding } from './tar-header.ts';

/** What dump needs of a repository. Its index is loaded; a shared lock is held by the caller. */
export interface DumpRepository {
  readonly storage: Pick<Storage, 'properties'>;
  /** The verified content of a blob. */
  loadBlob(type: BlobType, id: string, options?: CallOptions): Promise<Uint8Array>;
}

export interface DumpOptions {
  /** ID of the tree to look in. */
  readonly tree: string;
  /** Path in the tree, byte for byte; empty or `/` for all of it. */
  readonly path: Uint8Array;
  /**
   * Asked for every entry of an archive in its order: whether it goes in. Nothing below a directory that does not goes in either. The path is
   * as the archive has it, without a slash at its end. Default: everything does.
   */
  readonly select?: ((path: Buffer, node: TreeNode) => boolean) | undefined;
  /** Default `pax`. `gnu` is for programs that do not read extended headers; it lacks attributes and fractions of seconds. */
  readonly format?: 'pax' | 'gnu' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What was asked for, as a stream that can be read once. It ends with an error (`blob-missing`, `blob-damaged`, `format-invalid`, or what
 * the storage says) as soon as anything is not right: bytes that were passed on are good, but only a stream that ended well is whole.
 */
export interface Dump {
  /** A file's own bytes, or a tar archive of what is in a directory, named from the top of the tree on. */
  readonly kind: 'file' | 'tar';
  readonly content: AsyncIterable<Uint8Array>;
}

interface Directory {
  readonly tree: string;
  readonly path: Buffer;
}

const types: Readonly<Partial<Record<TreeNode['type'], TarType>>> = {
  file: 'file',
  dir: 'directory',
  symlink: 'symlink',
  dev: 'block-device',
  chardev: 'character-device',
  fifo: 'fifo',
};
const slash = Buffer.from('/');
const noBytes = new Uint8Array(0);
/** Pieces loaded at once; each is about 1 MiB, 8 at most. */
const leastAhead = 4;

/** Reads a file, or a directory as an archive, out of a snapshot. `path-not-found` if there is no such path. */
export async function dump(repository: DumpRepository, options: DumpOptions): Promise<Dump> {
  const { tree, path, signal } = options;
  const found = await resolveSubpath(repository, tree, path, signal);
  const limit = Math.max(leastAhead, repository.storage.properties.connections);
  if ('tree' in found) {
    const top = { tree: found.tree, path: trimSlashes(path) };
    return { kind: 'tar', content: readAhead(archive(repository, top, options), limit) };
  }
  if (found.node.type !== 'file') {
    throw new CodedError({
      code: 'invalid-argument',
      message: `${JSON.stringify(Buffer.from(path).toString())} is a ${found.node.type}, which has no content`,
      hint: 'Dump the directory that it is in, or restore it.',
    });
  }
  return { kind: 'file', content: readAhead(fileContent(repository, found.node, path, signal), limit) };
}

/** A file's content, which must have the length that the snapshot says: in an archive all that follows would be misread otherwise. */
async function* fileContent(
  repository: DumpRepository,
  node: TreeNode,
  path: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  const options = signal === undefined ? {} : { signal };
  let doneBytes = 0;
  const count = (bytes: Uint8Array): void => {
    doneBytes += bytes.byteLength;
    if (doneBytes > node.sizeBytes) throw wrongLength();
  };
  for (const id of node.content ?? []) {
    signal?.throwIfAborted();
    yield { load: () => repository.loadBlob('data', id, options), onRead: count };
  }
  yield {
    load: () => Promise.resolve(noBytes),
    onRead: () => {
      if (doneBytes !== node.sizeBytes) throw wrongLength();
    },
  };

  function wrongLength(): CodedError {
    return invalid(path, `it should have ${node.sizeBytes} bytes, but its content has ${doneBytes > node.sizeBytes ? 'more' : doneBytes}`);
  }
}

async function* archive(repository: DumpRepository, top: Directory, { select, format, signal }: DumpOptions): AsyncGenerator<Piece> {
  const header = format === 'gnu' ? gnuTarHeader : tarHeader;
  const linked = new Map<string, { readonly path: Uint8Array; readonly content: string }>();
  for await (const { directory, nodes, descend } of walkTrees(repository, top, signal)) {
    for (const node of nodes) {
      const type = types[node.type];
      if (type === undefined) continue; // sockets, and what no program can make
      const path = directory.path.byteLength === 0 ? Buffer.from(node.name) : Buffer.concat([directory.path, slash, node.name]);
      if (select !== undefined && !select(path, node)) continue;
      const entry = tarEntry(node, type, path);
      if (type === 'directory') {
        if (node.subtree === undefined) throw invalid(path, 'it has no tree');
        descend({ tree: node.subtree, path });
      }
      if (type !== 'file') {
        yield header(entry);
        continue;
      }
      const content = (node.content ?? []).join();
      const key = `${node.deviceId}:${node.inode}`;
      const first = node.links > 1 ? linked.get(key) : undefined;
      if (first?.content === content) {
        yield header({ ...entry, type: 'hard-link', sizeBytes: 0, linkTarget: first.path });
        continue;
      }
      if (node.links > 1 && first === undefined) linked.set(key, { path, content });
      yield header(entry);
      yield* fileContent(repository, node, path, signal);
      yield tarPadding(node.sizeBytes);
    }
  }
  yield tarEnd;
}

function tarEntry(node: TreeNode, type: TarType, path: Buffer): TarEntry {
  return {
    path: type === 'directory' ? Buffer.concat([path, slash]) : path,
    type,
    mode: unixPermissions(node.mode),
    uid: node.uid,
    gid: node.gid,
    user: node.user,
    group: node.group,
    sizeBytes: type === 'file' ? node.sizeBytes : 0,
    mtimeNs: node.mtimeNs,
    linkTarget: type === 'symlink' ? (node.linkTarget ?? noBytes) : noBytes,
    ...deviceNumbers(node.device),
    records: node.extendedAttributes.map(attributeRecord),
  };
}

/** Major and minor number as Linux packs them into `st_rdev`. */
function deviceNumbers(device: bigint): { readonly deviceMajor: number; readonly deviceMinor: number } {
  return {
    deviceMajor: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n)),
    deviceMinor: Number((device & 0xffn) | ((device >> 12n) & 0xffff_ff00n)),
  };
}

/** As star, GNU tar and bsdtar read them. A name that their form cannot hold goes in the one that only bsdtar reads. */
function attributeRecord({ name, value }: TreeNode['extendedAttributes'][number]): TarRecord {
  const text = Buffer.from(name).toString('latin1');
  const kind = text === 'system.posix_acl_access' ? 'access' : text === 'system.posix_acl_default' ? 'default' : undefined;
  if (kind !== undefined) return { key: Buffer.from(`SCHILY.acl.${kind}`), value: Buffer.from(linuxAclText(value)) };
  if (!text.includes('=')) return { key: Buffer.concat([Buffer.from('SCHILY.xattr.'), name]), value };
  const escaped = text.replace(/[^A-Za-z0-9._-]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return { key: Buffer.from(`LIBARCHIVE.xattr.${escaped}`), value: Buffer.from(Buffer.from(value).toString('base64').replace(/=+$/, '')) };
}

function trimSlashes(path: Uint8Array): Buffer {
  return Buffer.from(
    Buffer.from(path)
      .toString('latin1')
      .split('/')
      .filter((name) => name !== '' && name !== '.')
      .join('/'),
    'latin1',
  );
}

function invalid(path: Uint8Array, why: string): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `${JSON.stringify(Buffer.from(path).toString())} cannot be dumped: ${why}`,
    hint: 'Restore it instead: what there is of it is then restored, and what is not is reported.',
  });
}
