import { CodedError } from '@holdfast/kernel';
import type { IndexInventory } from '../inventory/index-inventory.ts';
import type { Marks } from '../used-blobs/tree-walk-job.ts';
import { BlobUsage } from './blob-usage.ts';
import { gatherPackFacts, type PackFacts, type UsageTotals } from './pack-facts.ts';
import type { PruneFigures } from './prune-figures.ts';
import type { PruneOptions } from './prune-options.ts';

/** Everything that a prune looks at. */
export interface PruneInput {
  readonly version: 1 | 2;
  readonly inventory: IndexInventory;
  /** Sizes in bytes of the packs on the storage, by ID. */
  readonly stored: ReadonlyMap<string, number>;
  /** From a walk of every snapshot that met no problem. */
  readonly marks: Marks;
}

/** What a prune is going to do. Pack numbers are those of the inventory. */
export interface PrunePlan {
  readonly figures: PruneFigures;
  /** IDs of packs that no index names. */
  readonly unreferencedPacks: readonly string[];
  /** Packs of which nothing is used. */
  readonly removePacks: readonly number[];
  /** Packs that go after what is used of them has been stored again. */
  readonly repackPacks: readonly number[];
  /** Packs that the index names, nobody needs and the storage does not hold. */
  readonly missingPacks: readonly number[];
  /** One copy of each used blob that only the packs to be repacked hold: what is to be stored again. */
  readonly carry: Uint32Array<ArrayBuffer>;
}

const minPackBytes = 4 << 20;
const fewestSmallPacks = 10;

/**
 * Decides as restic's prune does which packs stay, go or are repacked. Pure. Refuses, with `file-damaged`, when a needed pack is missing
 * or has the wrong size. At the end every used blob either lies in a pack that stays or is in `carry`; that is asserted.
 */
export function planPrune(input: PruneInput, options: PruneOptions): PrunePlan {
  const { inventory, stored } = input;
  const isSound = (pack: number): boolean => stored.get(inventory.index.packId(pack)) === inventory.packBytes(pack);
  const sound = Uint8Array.from({ length: inventory.packCount }, (_, pack) => (isSound(pack) ? 1 : 0));
  const usage = new BlobUsage(inventory, input.marks, (pack) => sound[pack] === 1);
  const { packs, totals } = gatherPackFacts(inventory, usage, (pack) => sound[pack] === 1);
  refuseDamage(packs, inventory, stored, sound);
  const sorting = sortPacks(packs, totals, input, options);
  const unreferencedPacks = [...stored.keys()].filter((id) => inventory.packNumber(id) === undefined);
  const carry = chooseCarry(sorting, inventory, usage);
  return {
    figures: figuresOf(sorting, totals, unreferencedPacks, input),
    unreferencedPacks,
    removePacks: sorting.remove.map(({ pack }) => pack),
    repackPacks: sorting.repack.map(({ pack }) => pack),
    missingPacks: sorting.missing.map(({ pack }) => pack),
    carry,
  };
}

interface Sorting {
  readonly keep: PackFacts[];
  readonly repack: PackFacts[];
  readonly remove: PackFacts[];
  readonly missing: PackFacts[];
}

function refuseDamage(
  packs: readonly PackFacts[],
  inventory: IndexInventory,
  stored: ReadonlyMap<string, number>,
  sound: Uint8Array,
): void {
  const needed = packs.filter(({ pack, usedBlobs }) => usedBlobs > 0 && sound[pack] === 0);
  const first = needed[0];
  if (first === undefined) return;
  const id = inventory.index.packId(first.pack);
  const sizeBytes = stored.get(id);
  const what =
    sizeBytes === undefined ? 'is missing' : `has ${sizeBytes} bytes on the storage and ${inventory.packBytes(first.pack)} by the index`;
  throw new CodedError({
    code: 'file-damaged',
    message: `Pack ${id} is needed by snapshots and ${what}${needed.length > 1 ? `; so are ${needed.length - 1} more` : ''}. Nothing was changed`,
    hint: 'Run check to see which snapshots are affected. Fetch the packs from a copy of the repository, or back the same files up again, before you prune.',
    context: { pack: id, packs: needed.length },
  });
}

function sortPacks(packs: readonly PackFacts[], totals: UsageTotals, input: PruneInput, options: PruneOptions): Sorting {
  const sorting: Sorting = { keep: [], repack: [], remove: [], missing: [] };
  const targetBytes = smallPackBytes(packs, options);
  const small: PackFacts[] = [];
  const candidates: PackFacts[] = [];
  for (const facts of packs) {
    const packBytes = input.stored.get(input.inventory.index.packId(facts.pack));
    if (packBytes === undefined) sorting.missing.push(facts);
    else if (facts.usedBlobs === 0) sorting.remove.push(facts);
    else if (options.repackCacheableOnly === true && facts.kind === 'data') sorting.keep.push(facts);
    else if (facts.unusedBlobs > 0 || facts.kind === 'mixed' || mustCompress(facts, input, options)) candidates.push(facts);
    else if (packBytes >= targetBytes) sorting.keep.push(facts);
    else small.push(facts);
  }
  // A few small packs are not worth the trouble, and the one at the end of every run would be repacked for ever.
  for (const facts of small) (small.length < fewestSmallPacks ? sorting.keep : candidates).push(facts);
  candidates.sort((a, b) => byUrgency(a, b, targetBytes));
  chooseRepacked(candidates, targetBytes, sorting, totals, input, options);
  return sorting;
}

/** Sealed blobs and header, as the index has them. */
function bytesOf(facts: PackFacts): number {
  return facts.usedBytes + facts.unusedBytes;
}

/** In version 2 trees are always compressed; data only if asked for. */
function mustCompress(facts: PackFacts, { version }: PruneInput, options: PruneOptions): boolean {
  return version === 2 && facts.hasRawBlobs && (facts.kind === 'tree' || options.repackUncompressed === true);
}

/** Below this a pack counts as small: 80 % of the third percentile of the sizes, taken as 4 MiB at least. */
function smallPackBytes(packs: readonly PackFacts[], options: PruneOptions): number {
  if (options.smallPackBytes !== undefined) return options.smallPackBytes;
  if (packs.length === 0) return 0;
  const sizes = Float64Array.from(packs, bytesOf).sort();
  return Math.floor((Math.max(minPackBytes, sizes[Math.floor((packs.length * 3) / 100)] ?? 0) * 4) / 5);
}

/** Packs with trees first, then small ones, then those with the greatest share of unused bytes. */
function byUrgency(a: PackFacts, b: PackFacts, targetBytes: number): number {
  const rank = (facts: PackFacts): number => (facts.kind !== 'data' ? 0 : bytesOf(facts) < targetBytes ? 1 : 2);
  return rank(a) - rank(b) || b.unusedBytes * a.usedBytes - a.unusedBytes * b.usedBytes;
}

function chooseRepacked(
  candidates: readonly PackFacts[],
  targetBytes: number,
  sorting: Sorting,
  totals: UsageTotals,
  input: PruneInput,
  options: PruneOptions,
): void {
  const maxRepackBytes = options.maxRepackBytes ?? Number.POSITIVE_INFINITY;
  const maxUnusedBytes = options.maxUnusedBytes(totals.usedBytes);
  let repackBytes = 0;
  let unusedBytes = totals.duplicateBytes + totals.unusedBytes;
  for (const { unusedBytes: removed } of [...sorting.remove, ...sorting.missing]) unusedBytes -= removed;
  for (const facts of candidates) {
    const isUrgent = facts.kind !== 'data' || mustCompress(facts, input, options);
    const isGoodEnough = unusedBytes < maxUnusedBytes && bytesOf(facts) >= targetBytes;
    if (repackBytes + bytesOf(facts) >= maxRepackBytes || (!isUrgent && isGoodEnough)) sorting.keep.push(facts);
    else {
      sorting.repack.push(facts);
      repackBytes += bytesOf(facts);
      unusedBytes -= facts.unusedBytes;
    }
  }
}

function chooseCarry(sorting: Sorting, inventory: IndexInventory, usage: BlobUsage): Uint32Array<ArrayBuffer> {
  for (const { pack } of sorting.keep) for (const record of inventory.records(pack)) usage.provide(record);
  const carry: number[] = [];
  for (const { pack } of sorting.repack) {
    for (const record of inventory.records(pack)) {
      if (!usage.isUsed(record) || usage.isProvided(record)) continue;
      usage.provide(record);
      carry.push(record);
    }
  }
  for (let record = 0; record < inventory.index.size; record++) {
    if (usage.isUsed(record) && !usage.isProvided(record)) {
      throw new CodedError({
        code: 'internal',
        message: `The plan of a prune would lose blob ${inventory.index.id(record)}. Nothing was changed`,
      });
    }
  }
  return Uint32Array.from(carry);
}

function figuresOf(sorting: Sorting, totals: UsageTotals, unreferenced: readonly string[], input: PruneInput): PruneFigures {
  const sum = (packs: readonly PackFacts[], of: (facts: PackFacts) => number): number =>
    packs.reduce((total, facts) => total + of(facts), 0);
  const unusedBlobs = (facts: PackFacts): number => facts.unusedBlobs;
  const unusedBytes = (facts: PackFacts): number => facts.unusedBytes;
  const gone = [...sorting.remove, ...sorting.missing];
  const staying = [...sorting.keep, ...sorting.repack];
  const removeBlobs = sum(gone, unusedBlobs);
  const removeBytes = sum(gone, unusedBytes);
  const repackRemoveBlobs = sum(sorting.repack, unusedBlobs);
  const repackRemoveBytes = sum(sorting.repack, unusedBytes);
  const unreferencedBytes = unreferenced.reduce((total, id) => total + (input.stored.get(id) ?? 0), 0);
  const totalBlobs = totals.usedBlobs + totals.unusedBlobs + totals.duplicateBlobs;
  const totalBytes = totals.usedBytes + totals.duplicateBytes + totals.unusedBytes + unreferencedBytes;
  const removeTotalBytes = removeBytes + repackRemoveBytes + unreferencedBytes;
  const raw = (packs: readonly PackFacts[]): number => sum(packs, (facts) => (facts.hasRawBlobs ? bytesOf(facts) : 0));
  const fullyUsed = staying.filter((facts) => facts.unusedBlobs === 0).length;
  return {
    blobs: {
      used: totals.usedBlobs,
      duplicate: totals.duplicateBlobs,
      unused: totals.unusedBlobs,
      total: totalBlobs,
      repack: sum(sorting.repack, (facts) => facts.usedBlobs + facts.unusedBlobs),
      repackRemove: repackRemoveBlobs,
      remove: removeBlobs,
      removeTotal: removeBlobs + repackRemoveBlobs,
      remaining: totalBlobs - removeBlobs - repackRemoveBlobs,
    },
    bytes: {
      used: totals.usedBytes,
      duplicate: totals.duplicateBytes,
      unused: totals.unusedBytes,
      unreferenced: unreferencedBytes,
      uncompressed: input.version === 1 ? 0 : raw(sorting.keep) + raw(sorting.remove),
      total: totalBytes,
      repack: sum(sorting.repack, bytesOf),
      repackRemove: repackRemoveBytes,
      remove: removeBytes,
      removeTotal: removeTotalBytes,
      remaining: totalBytes - removeTotalBytes,
      remainingUnused: totals.duplicateBytes + totals.unusedBytes - removeBytes - repackRemoveBytes,
    },
    packs: {
      used: fullyUsed,
      unused: sorting.remove.length,
      partlyUsed: staying.length - fullyUsed,
      unreferenced: unreferenced.length,
      total: staying.length + sorting.remove.length + unreferenced.length,
      keep: sorting.keep.length,
      repack: sorting.repack.length,
      remove: sorting.remove.length,
      removeTotal: unreferenced.length + sorting.remove.length,
    },
  };
}
