import { createHash, randomBytes } from 'node:crypto';
import { CodedError, fromHex, toHex } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import type { MasterKey } from '../../packages/engine/src/crypto/master-key.ts';
import { Sealer } from '../../packages/engine/src/crypto/sealer.ts';
import { sha256 } from '../../packages/engine/src/crypto/sha256.ts';
import { Zstd } from '../../packages/engine/src/crypto/zstd.ts';
import { encodeNode } from '../../packages/engine/src/format/encode-node.ts';
import { encodeTree } from '../../packages/engine/src/format/encode-tree.ts';
import { LocalTimeFormatter } from '../../packages/engine/src/format/go-time.ts';
import type { TreeNode } from '../../packages/engine/src/format/tree-node.ts';
import { BlobIndex } from '../../packages/engine/src/index/blob-index.ts';
import type { BlobType } from '../../packages/engine/src/index/blob-type.ts';

/**
 * The part of a repository that reading verbs see, in memory, with full control of what lies in which pack. Blobs gather in one pack until
 * `closePack`. Packs have no header: nothing that reads by the index needs one.
 */
export class BlobRepository {
  readonly storage = new MemoryStorage();
  readonly index = new BlobIndex();
  readonly masterKey: MasterKey = { encrypt: randomBytes(32), macK: randomBytes(16), macR: randomBytes(16) };
  readonly #sealer = new Sealer(this.masterKey);
  readonly #zstd = new Zstd();
  readonly #times = new LocalTimeFormatter('UTC');
  #parts: Uint8Array[] = [];
  #packBytes = 0;
  #pack = this.index.addPack('');

  /** Stores a blob in the open pack, even one that is stored already, and returns its ID. */
  add(type: BlobType, content: Uint8Array, options: { readonly compressed?: boolean } = {}): string {
    const id = sha256(content);
    const isCompressed = options.compressed ?? type === 'tree';
    const sealed = this.#sealer.seal(isCompressed ? this.#zstd.compress(content, 3) : content);
    const uncompressedBytes = isCompressed ? content.byteLength : 0;
    this.index.add(type, id, { pack: this.#pack, offset: this.#packBytes, sealedBytes: sealed.byteLength, uncompressedBytes });
    this.#parts.push(sealed);
    this.#packBytes += sealed.byteLength;
    return toHex(id);
  }

  addTree(nodes: readonly TreeNode[]): string {
    return this.add('tree', encodeTree(nodes.map((node) => encodeNode(node, this.#times))));
  }

  /** Ends the open pack and returns its ID. */
  closePack(): string {
    const bytes = Buffer.concat(this.#parts);
    const id = createHash('sha256').update(bytes).update(String(this.#pack)).digest('hex');
    this.storage.files.set(`data/${id}`, new Uint8Array(bytes)); // a Buffer would be handed out as a view
    this.index.namePack(this.#pack, id);
    this.#pack = this.index.addPack('');
    this.#parts = [];
    this.#packBytes = 0;
    return id;
  }

  /** As `Repository.loadBlob`: any good copy will do. */
  async loadBlob(type: BlobType, id: string): Promise<Uint8Array> {
    let failure: unknown = new CodedError({ code: 'blob-missing', message: `Blob ${id} is in no index` });
    for (let copy = 0; ; copy++) {
      const record = this.index.find(type, fromHex(id), copy);
      if (record < 0) throw failure;
      try {
        const { pack, offset, sealedBytes, uncompressedBytes } = this.index.location(record);
        const sealed = await this.storage.load({ type: 'data', name: this.index.packId(pack) }, { offset, length: sealedBytes });
        const opened = this.#sealer.open(sealed);
        const content = uncompressedBytes === 0 ? opened : this.#zstd.decompress(opened, uncompressedBytes);
        if (toHex(sha256(content)) !== id) throw new CodedError({ code: 'blob-damaged', message: `Blob ${id} has other content` });
        return content;
      } catch (error) {
        failure = error;
      }
    }
  }
}

/** A node with everything unremarkable but what is given. */
export function plainNode(
  given: Partial<Omit<TreeNode, 'name'>> & { readonly name: string | Uint8Array; readonly type: TreeNode['type'] },
): TreeNode {
  const name = typeof given.name === 'string' ? Buffer.from(given.name) : given.name;
  return {
    mode: given.type === 'dir' ? 0o755 : 0o644,
    mtimeNs: 1_700_000_000_123_456_789n,
    atimeNs: 1_700_000_000_123_456_789n,
    ctimeNs: 1_700_000_000_123_456_789n,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    user: '',
    group: '',
    inode: 0n,
    deviceId: 0n,
    sizeBytes: 0,
    links: given.type === 'file' ? 1 : 0,
    linkTarget: undefined,
    extendedAttributes: [],
    genericAttributes: undefined,
    device: 0n,
    content: given.type === 'file' ? [] : null,
    subtree: undefined,
    error: undefined,
    ...given,
    name,
  };
}
