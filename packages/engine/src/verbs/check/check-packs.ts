import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { IndexInventory } from '../inventory/index-inventory.ts';
import type { Findings } from './findings.ts';

/** Packs as the storage lists them, compared with the index. */
export interface PackListing {
  /** Packs that the index names and the storage holds, with their size there. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly orphaned: readonly string[];
}

/** Finds packs that are missing, have the wrong size or are named by no index. Reads no pack. */
export async function checkPacks(storage: Storage, inventory: IndexInventory, findings: Findings, call: CallOptions): Promise<PackListing> {
  const sizes = new Map<number, number>();
  const orphaned: string[] = [];
  for await (const { name, sizeBytes } of storage.list('data', call)) {
    const pack = inventory.packNumber(name);
    if (pack === undefined) orphaned.push(name);
    else sizes.set(pack, sizeBytes);
  }
  for (let pack = 0; pack < inventory.packCount; pack++) {
    const id = inventory.index.packId(pack);
    const sizeBytes = sizes.get(pack);
    const expectedBytes = inventory.packBytes(pack);
    if (sizeBytes === undefined)
      findings.pack('pack-missing', id, `Pack ${id} does not exist`, 'Bring it back from a copy of the repository.');
    else if (sizeBytes !== expectedBytes) findings.pack('pack-size', id, `Pack ${id} has ${sizeBytes} bytes instead of ${expectedBytes}`);
  }
  return { sizes, orphaned };
}

/** Looks at what the index files say about packs: the same pack in several files, with other content, or of both kinds. */
export function checkIndex(inventory: IndexInventory, findings: Findings): void {
  for (const pack of inventory.contradictory) {
    const id = inventory.index.packId(pack);
    findings.pack('pack-contradictory', id, `Index files disagree about pack ${id}: ${inventory.filesOf(pack).join(', ')}`);
  }
  for (const pack of inventory.duplicatePacks()) {
    if (inventory.contradictory.has(pack)) continue;
    const id = inventory.index.packId(pack);
    const message = `Pack ${id} is named by several index files: ${inventory.filesOf(pack).join(', ')}`;
    findings.hint('duplicate-pack', id, message, 'This does no harm. restic repair index removes the superfluous entry.');
  }
  for (let pack = 0; pack < inventory.packCount; pack++) {
    if (inventory.kind(pack) !== 'mixed') continue;
    const id = inventory.index.packId(pack);
    findings.hint('mixed-pack', id, `Pack ${id} holds both trees and data`, 'This does no harm. A prune separates them.');
  }
}
