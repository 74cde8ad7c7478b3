import { CodedError, fromHex } from '@holdfast/kernel';
import { sealOverheadBytes } from '../../crypto/sealer.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { BlobIndex } from '../../index/blob-index.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { noBlob } from './restore-plan.ts';

/** What the content of a file node is, in the terms of the plan. */
export interface FileContent {
  readonly contentStart: number;
  readonly contentCount: number;
  readonly sizeBytes: number;
  /** The entry of the same file met before, if this is another name of it. */
  readonly leader: number | undefined;
  readonly error: CodedError | undefined;
  /** Whether there is something to write all the same. */
  readonly writable: boolean;
}

interface Leader {
  readonly entry: number;
  readonly contentStart: number;
  readonly contentCount: number;
}

/** Turns lists of blob IDs into records of the index, and knows which files are further names of one met before. */
export class FileContents {
  readonly #index: BlobIndex;
  readonly #builder: PlanBuilder;
  readonly #leaders = new Map<string, Leader>();

  constructor(index: BlobIndex, builder: PlanBuilder) {
    this.#index = index;
    this.#builder = builder;
  }

  add(node: TreeNode): FileContent {
    const contentStart = this.#builder.contentLength;
    const content = node.content ?? [];
    let knownBytes = 0;
    let missing = 0;
    let firstMissing = '';
    for (const id of content) {
      const record = this.#index.find('data', fromHex(id));
      this.#builder.addContent(record < 0 ? noBlob : record);
      if (record >= 0) {
        const { uncompressedBytes, sealedBytes } = this.#index.location(record);
        knownBytes += uncompressedBytes || sealedBytes - sealOverheadBytes;
      } else {
        missing += 1;
        firstMissing ||= id;
      }
    }
    const leader = this.#leader(node, contentStart, content.length);
    if (leader !== undefined) this.#builder.cutContent(contentStart);
    const isSizeKnown = missing === 0 || (missing === 1 && node.sizeBytes >= knownBytes);
    return {
      contentStart,
      contentCount: content.length,
      sizeBytes: missing === 0 ? knownBytes : node.sizeBytes,
      leader,
      error:
        missing > 0
          ? blobMissing(firstMissing, missing)
          : knownBytes === node.sizeBytes
            ? undefined
            : wrongSize(node.sizeBytes, knownBytes),
      writable: isSizeKnown,
    };
  }

  /** Notes which entry a file with several names became. */
  remember(node: TreeNode, entry: number, { contentStart, contentCount }: FileContent): void {
    if (node.links > 1) this.#leaders.set(linkKey(node), { entry, contentStart, contentCount });
  }

  /** Numbers of files and devices can repeat within a snapshot (file systems come and go), so the content must be the same too. */
  #leader(node: TreeNode, contentStart: number, contentCount: number): number | undefined {
    const leader = node.links > 1 ? this.#leaders.get(linkKey(node)) : undefined;
    if (leader === undefined || leader.contentCount !== contentCount) return undefined;
    for (let i = 0; i < contentCount; i++) {
      if (this.#builder.contentAt(leader.contentStart + i) !== this.#builder.contentAt(contentStart + i)) return undefined;
    }
    return leader.entry;
  }
}

function linkKey({ deviceId, inode }: TreeNode): string {
  return `${deviceId}:${inode}`;
}

function blobMissing(id: string, count: number): CodedError {
  return new CodedError({
    code: 'blob-missing',
    message:
      count === 1 ? `The data blob ${id} is in no index of the repository` : `${count} of its data blobs are in no index of the repository`,
    hint: 'Restore the file from another snapshot, and run check to see what is affected.',
    context: { blob: id, count },
  });
}

function wrongSize(expectedBytes: number, actualBytes: number): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `The snapshot says that it has ${expectedBytes} bytes, but its content has ${actualBytes}`,
    hint: 'What there is was restored. Compare it with what you expect.',
    context: { expectedBytes, actualBytes },
  });
}
