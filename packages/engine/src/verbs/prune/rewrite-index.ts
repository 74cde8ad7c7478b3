import { CodedError, forEachBounded } from '@holdfast/kernel';
import type { CallOptions } from '@holdfast/storage/port';
import { decodeIndex, encodeIndex, type IndexedPack } from '../../format/index-file.ts';
import { firstRecord } from '../inventory/first-record.ts';
import type { IndexInventory } from '../inventory/index-inventory.ts';
import type { IndexRepository } from '../inventory/load-inventory.ts';
import { type Marks, usedBit } from '../used-blobs/tree-walk-job.ts';

/** What replacing index files needs of a repository. */
export interface IndexRewriteRepository extends IndexRepository {
  saveFile(type: 'index', plaintext: Uint8Array, options?: CallOptions): Promise<string>;
  removeFile(type: 'index', name: string, options?: CallOptions): Promise<void>;
}

export interface RewriteIndexOptions {
  readonly signal?: AbortSignal | undefined;
  /** Index files written and removed. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const fullBlobs = 50_000;
const oversizedBlobs = fullBlobs + 409_199;
const indexedBit = 16;

/**
 * Replaces index files so that none names one of the `gone` packs. Small files are merged on the way. The new files are saved and read
 * back, and only when they and the files that stay name every used blob in a pack that stays (F30) are the old ones removed. `marks` are
 * those of the walk; their bit 16 is used.
 */
export async function rewriteIndex(
  repository: IndexRewriteRepository,
  inventory: IndexInventory,
  gone: ReadonlySet<number>,
  marks: Marks,
  options: RewriteIndexOptions = {},
): Promise<void> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const { kept, obsolete, move } = sortFiles(inventory, gone);
  const total = obsolete.length * 2;
  let done = 0;
  const saved: string[] = [];
  for (const packs of inFiles(inventory, move)) {
    saved.push(await repository.saveFile('index', encodeIndex(packs), call));
    options.onProgress?.(Math.min(++done, obsolete.length), total);
  }
  await proveSuperset(repository, inventory, gone, marks, kept, saved, call);
  done = obsolete.length;
  await forEachBounded(
    obsolete.filter((name) => !saved.includes(name)),
    repository.storage.properties.connections,
    async (name) => {
      await repository.removeFile('index', name, call);
      options.onProgress?.(++done, total);
    },
    options.signal,
  );
}

/** Index files that stay, those that go, and the packs that only the latter name. */
function sortFiles(inventory: IndexInventory, gone: ReadonlySet<number>): { kept: string[]; obsolete: string[]; move: number[] } {
  const kept: string[] = [];
  const obsolete: string[] = [];
  const keptPacks = new Set<number>();
  for (const [name, { packs, blobs }] of inventory.files) {
    const isSizedRight = blobs >= fullBlobs && blobs < oversizedBlobs;
    if (isSizedRight && !packs.some((pack) => gone.has(pack) || keptPacks.has(pack) || inventory.contradictory.has(pack))) {
      kept.push(name);
      for (const pack of packs) keptPacks.add(pack);
    } else obsolete.push(name);
  }
  const move = new Set<number>();
  for (const name of obsolete) {
    for (const pack of inventory.files.get(name)?.packs ?? []) if (!gone.has(pack) && !keptPacks.has(pack)) move.add(pack);
  }
  return { kept, obsolete, move: [...move] };
}

/** The packs with their blobs, in groups that each fill an index file. */
function* inFiles(inventory: IndexInventory, packs: readonly number[]): Generator<IndexedPack[]> {
  const { index } = inventory;
  let group: IndexedPack[] = [];
  let blobs = 0;
  for (const pack of packs) {
    const entries = Array.from(inventory.records(pack), (record) => {
      const { offset, sealedBytes, uncompressedBytes } = index.location(record);
      return { type: index.type(record), id: index.idBytes(record), offset, sealedBytes, uncompressedBytes };
    });
    if (entries.length === 0) continue;
    group.push({ id: index.packId(pack), blobs: entries });
    blobs += entries.length;
    if (blobs < fullBlobs) continue;
    yield group;
    group = [];
    blobs = 0;
  }
  if (group.length > 0) yield group;
}

async function proveSuperset(
  repository: IndexRewriteRepository,
  inventory: IndexInventory,
  gone: ReadonlySet<number>,
  marks: Marks,
  kept: readonly string[],
  saved: readonly string[],
  call: CallOptions,
): Promise<void> {
  const { index } = inventory;
  const table = index.share();
  const mark = (first: number): void => {
    if (first >= 0 && first < marks.length) marks[first] = (marks[first] as number) | indexedBit;
  };
  for (const name of kept) {
    for (const pack of inventory.files.get(name)?.packs ?? [])
      for (const record of inventory.records(pack)) mark(firstRecord(table, record));
  }
  for (const name of saved) {
    let counts = false;
    decodeIndex(await repository.loadFile('index', name, call), {
      pack: (id) => {
        const pack = inventory.packNumber(id);
        counts = pack !== undefined && !gone.has(pack);
      },
      blob: (type, id) => {
        if (counts) mark(index.find(type, id));
      },
    });
  }
  for (let record = 0; record < marks.length; record++) {
    const bits = marks[record] as number;
    if ((bits & usedBit) === 0 || (bits & indexedBit) !== 0) continue;
    throw new CodedError({
      code: 'verification-failed',
      message: `The new index does not name blob ${index.id(record)}, which a snapshot uses. The old index files and all packs were kept`,
      hint: 'Nothing is lost. Run check; if it finds no error, run prune again, and report this if it comes back.',
      context: { blob: index.id(record) },
    });
  }
}
