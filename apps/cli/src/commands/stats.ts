import { matchesFilter, resolveSnapshot, type StatsMode, stats } from '@holdfast/engine';
import type { Command } from 'commander';
import { formatBytes } from '../format-bytes.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { usageError } from '../run-context.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';

const modes: readonly StatsMode[] = ['restore-size', 'files-by-contents', 'blobs-per-file', 'raw-data'];

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command).argument('[ids...]', 'only these snapshots').option('--mode <mode>', modes.join(', '), 'restore-size');
  run(async (context, ids, flags: SnapshotFlags & { readonly mode: string }) => {
    const mode = modes.find((each) => each === flags.mode);
    if (mode === undefined) throw usageError(`--mode: ${JSON.stringify(flags.mode)} is not known`, `Use one of ${modes.join(', ')}.`);
    await using place = await openLocked(context, 'shared', { index: true });
    const all = await place.repository.snapshots({ signal: place.signal });
    const filter = snapshotFilter(flags);
    const wanted =
      ids.length > 0
        ? ids.map((id) => resolveSnapshot(all, id, filter).snapshot)
        : all.filter((snapshot) => matchesFilter(snapshot, filter));
    const onProgress = ({ snapshotsDone, snapshotsTotal }: { snapshotsDone: number; snapshotsTotal: number }): void =>
      context.progress.update({ done: snapshotsDone, total: snapshotsTotal });
    const report = await stats(place.repository, wanted, { mode, signal: place.signal, onProgress });
    const { compressedBlobs } = report;
    const ratio = compressedBlobs.bytes > 0 ? compressedBlobs.uncompressedBytes / compressedBlobs.bytes : 0;
    const percentOfAll = (bytes: number): number => (report.uncompressedBytes > 0 ? (bytes / report.uncompressedBytes) * 100 : 0);
    const progress = percentOfAll(compressedBlobs.uncompressedBytes);
    const saving = percentOfAll(report.uncompressedBytes - report.totalBytes);
    if (context.json) {
      const raw = {
        total_uncompressed_size: report.uncompressedBytes,
        compression_ratio: ratio,
        compression_progress: progress,
        compression_space_saving: saving,
        total_blob_count: report.blobs,
      };
      const rest =
        mode === 'raw-data'
          ? raw
          : { total_file_count: report.files, ...(mode === 'blobs-per-file' ? { total_blob_count: report.blobs } : {}) };
      context.print(JSON.stringify({ total_size: report.totalBytes, ...rest, snapshots_count: report.snapshots }));
      return;
    }
    context.print(`Stats in ${mode} mode:`);
    context.print(`     Snapshots processed:  ${report.snapshots}`);
    if (report.blobs > 0) context.print(`        Total Blob Count:  ${report.blobs}`);
    if (report.files > 0) context.print(`        Total File Count:  ${report.files}`);
    if (mode === 'raw-data' && report.uncompressedBytes > 0)
      context.print(` Total Uncompressed Size:  ${formatBytes(report.uncompressedBytes)}`);
    context.print(`              Total Size:  ${formatBytes(report.totalBytes)}`);
    if (ratio === 0) return;
    context.print(`    Compression Progress:  ${progress.toFixed(2)}%`);
    context.print(`       Compression Ratio:  ${ratio.toFixed(2)}x`);
    context.print(`Compression Space Saving:  ${saving.toFixed(2)}%`);
  });
};
