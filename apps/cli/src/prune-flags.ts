import { parsePercentage, parseSize, prune, type Repository, unusedShare } from '@holdfast/engine';
import type { Command } from 'commander';
import { formatBytes } from './format-bytes.ts';
import { type RunContext, usageError } from './run-context.ts';

/** Options of prune, which forget --prune takes too. */
export interface PruneFlags {
  readonly maxUnused: string;
  readonly maxRepackSize?: string;
  readonly repackCacheableOnly?: boolean;
  readonly repackUncompressed?: boolean;
  readonly repackSmallerThan?: string;
}

export function addPruneFlags(command: Command): Command {
  return command
    .option('--max-unused <limit>', 'unused data to leave: a share like 5%, a size or unlimited', '5%')
    .option('--max-repack-size <size>', 'stop after so much was stored again')
    .option('--repack-cacheable-only', 'leave packs of data alone')
    .option('--repack-uncompressed', 'compress what is stored raw')
    .option('--repack-small', 'accepted for the sake of scripts: small packs are always merged')
    .option('--repack-smaller-than <size>', 'merge packs below this size');
}

/** Runs prune under an exclusive lock that the caller holds, and tells its figures. */
export async function runPrune(
  context: RunContext,
  repository: Repository,
  flags: PruneFlags,
  options: { readonly dryRun: boolean; readonly signal: AbortSignal; readonly withoutSnapshots?: ReadonlySet<string> },
): Promise<void> {
  const { figures, failures } = await prune(repository, {
    ...options,
    maxUnusedBytes: parseMaxUnused(flags.maxUnused),
    ...(flags.maxRepackSize === undefined ? {} : { maxRepackBytes: parseSize(flags.maxRepackSize) }),
    ...(flags.repackSmallerThan === undefined ? {} : { smallPackBytes: parseSize(flags.repackSmallerThan) }),
    ...(context.flags.packSize === undefined ? {} : { packSizeBytes: context.flags.packSize * 2 ** 20 }),
    repackCacheableOnly: flags.repackCacheableOnly ?? false,
    repackUncompressed: flags.repackUncompressed ?? false,
    onProgress: ({ step, done, total }) => context.progress.update({ step, done, total }),
  });
  const { blobs, bytes, packs } = figures;
  const line = (words: string, count: number, size: number): void =>
    context.say(`${words.padEnd(22)} ${String(count).padStart(9)} blobs / ${formatBytes(size)}`);
  line('to repack:', blobs.repack, bytes.repack);
  line('this removes:', blobs.repackRemove, bytes.repackRemove);
  line('to delete:', blobs.remove, bytes.remove + bytes.unreferenced);
  line('total prune:', blobs.removeTotal, bytes.removeTotal + bytes.unreferenced);
  line('remaining:', blobs.remaining, bytes.remaining);
  context.say(`unused after it:       ${formatBytes(bytes.remainingUnused)}`);
  context.say(
    `packs: ${packs.keep} kept, ${packs.repack} repacked, ${packs.removeTotal} ${options.dryRun ? 'would be removed' : 'removed'}`,
  );
  for (const { error } of failures) context.warn(`Warning: ${error.message}`);
  if (failures.length > 0) context.warn('Warning: some packs could not be removed; the next prune tries again');
}

function parseMaxUnused(text: string): (usedBytes: number) => number {
  if (text === 'unlimited') return () => Number.MAX_SAFE_INTEGER;
  if (!text.endsWith('%')) {
    const limit = parseSize(text);
    return () => limit;
  }
  const percent = parsePercentage(text);
  if (percent < 100) return unusedShare(percent);
  throw usageError('--max-unused must be below 100%', 'Write unlimited to leave all unused data.');
}
