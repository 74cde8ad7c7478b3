import type { IndexInventory, PackKind } from '../inventory/index-inventory.ts';
import type { BlobUsage } from './blob-usage.ts';

/** What a pack holds. The bytes of its header count as used. */
export interface PackFacts {
  readonly pack: number;
  readonly kind: PackKind;
  readonly hasRawBlobs: boolean;
  usedBlobs: number;
  usedBytes: number;
  /** Blobs not used, and superfluous copies. */
  unusedBlobs: number;
  unusedBytes: number;
  duplicateBlobs: number;
}

/** Blobs of packs, without headers. */
export interface UsageTotals {
  usedBlobs: number;
  usedBytes: number;
  duplicateBlobs: number;
  duplicateBytes: number;
  unusedBlobs: number;
  unusedBytes: number;
}

/**
 * Counts for every pack what is used, and chooses one copy of every used blob that is stored several times: preferably in a pack that is
 * needed anyway, or that holds nothing but copies (such is what an interrupted prune leaves), else the last one met.
 */
export function gatherPackFacts(
  inventory: IndexInventory,
  usage: BlobUsage,
  isSound: (pack: number) => boolean,
): { packs: PackFacts[]; totals: UsageTotals } {
  const totals = { usedBlobs: 0, usedBytes: 0, duplicateBlobs: 0, duplicateBytes: 0, unusedBlobs: 0, unusedBytes: 0 };
  const packs: PackFacts[] = [];
  for (let pack = 0; pack < inventory.packCount; pack++) packs.push(factsOf(pack, inventory, usage, isSound(pack), totals));
  if (totals.duplicateBlobs > 0) for (const facts of packs) if (isSound(facts.pack)) chooseCopies(facts, inventory, usage, totals);
  return { packs, totals };
}

function factsOf(pack: number, inventory: IndexInventory, usage: BlobUsage, isSound: boolean, totals: UsageTotals): PackFacts {
  const { index } = inventory;
  let hasRawBlobs = false;
  let usedBlobs = 0;
  let usedBytes = inventory.headerBytes(pack);
  let unusedBlobs = 0;
  let unusedBytes = 0;
  let duplicateBlobs = 0;
  for (const record of inventory.records(pack)) {
    const { sealedBytes, uncompressedBytes } = index.location(record);
    if (uncompressedBytes === 0) hasRawBlobs = true;
    const isUsed = usage.isUsed(record);
    const isCopy = isUsed && usage.isStoredSeveralTimes(record) && isOneOfSeveral(record, usage, isSound);
    if (isUsed && !isCopy) {
      usedBlobs += 1;
      usedBytes += sealedBytes;
      totals.usedBlobs += 1;
      totals.usedBytes += sealedBytes;
      continue;
    }
    unusedBlobs += 1;
    unusedBytes += sealedBytes;
    if (isCopy) {
      duplicateBlobs += 1;
      totals.duplicateBlobs += 1;
      totals.duplicateBytes += sealedBytes;
    } else {
      totals.unusedBlobs += 1;
      totals.unusedBytes += sealedBytes;
    }
  }
  return { pack, kind: inventory.kind(pack), hasRawBlobs, usedBlobs, usedBytes, unusedBlobs, unusedBytes, duplicateBlobs };
}

/** A lone sound copy is the one to keep. A copy in a damaged pack counts as used only if there is no sound one. */
function isOneOfSeveral(record: number, usage: BlobUsage, isSound: boolean): boolean {
  const copies = usage.copiesLeft(record);
  if (!isSound) return copies !== 0;
  if (copies !== 1) return true;
  usage.choose(record);
  return false;
}

function chooseCopies(facts: PackFacts, inventory: IndexInventory, usage: BlobUsage, totals: UsageTotals): void {
  for (const record of inventory.records(facts.pack)) {
    if (!usage.isStoredSeveralTimes(record) || !usage.isUsed(record)) continue;
    const copies = usage.copiesLeft(record);
    if (copies === 'chosen') continue;
    if (facts.usedBlobs === 0 && facts.duplicateBlobs !== facts.unusedBlobs && copies > 1) {
      usage.passOver(record);
      continue;
    }
    usage.choose(record);
    const bytes = inventory.index.sealedBytes(record);
    facts.usedBlobs += 1;
    facts.usedBytes += bytes;
    facts.unusedBlobs -= 1;
    facts.unusedBytes -= bytes;
    totals.usedBlobs += 1;
    totals.usedBytes += bytes;
    totals.duplicateBlobs -= 1;
    totals.duplicateBytes -= bytes;
  }
}
