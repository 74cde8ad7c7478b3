import { readFileSync } from 'node:fs';
import { PatternList, parsePatternFile, pathBytes, resolveSnapshot, restore } from '@holdfast/engine';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { formatBytes, formatSeconds } from '../format-bytes.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { collect } from '../repository-flags.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';
import { pathText } from '../terminal-text.ts';

interface RestoreFlags extends SnapshotFlags {
  readonly target?: string;
  readonly include?: string[];
  readonly iinclude?: string[];
  readonly includeFile?: string[];
  readonly iincludeFile?: string[];
  readonly exclude?: string[];
  readonly iexclude?: string[];
  readonly excludeFile?: string[];
  readonly iexcludeFile?: string[];
  readonly overwrite?: string;
  readonly delete?: boolean;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly sparse?: boolean;
  readonly ownershipByName?: boolean;
  readonly includeXattr?: string[];
  readonly excludeXattr?: string[];
}

const overwriteRules = ['always', 'if-changed', 'if-newer', 'never'] as const;

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command)
    .argument('<snapshot[:path]>', 'ID, latest or latest~n; with :path only what is there')
    .option('-t, --target <folder>', 'folder to restore into')
    .option('-i, --include <pattern>', 'only what matches (may be given again)', collect)
    .option('--iinclude <pattern>', 'the same without regard to case', collect)
    .option('--include-file <file>', 'read patterns from a file', collect)
    .option('--iinclude-file <file>', 'the same without regard to case', collect)
    .option('-e, --exclude <pattern>', 'all but what matches (may be given again)', collect)
    .option('--iexclude <pattern>', 'the same without regard to case', collect)
    .option('--exclude-file <file>', 'read patterns from a file', collect)
    .option('--iexclude-file <file>', 'the same without regard to case', collect)
    .option('--overwrite <rule>', 'what happens to files that are there: always, if-changed, if-newer or never', 'always')
    .option('--delete', 'remove what is in the target and not in the snapshot')
    .option('-n, --dry-run', 'change nothing, say what would be')
    .option('--verify', 'read every file back afterwards')
    .option('--sparse', 'leave holes for zeros')
    .option('--ownership-by-name', 'owners by name instead of number')
    .option('--include-xattr <pattern>', 'only these extended attributes', collect)
    .option('--exclude-xattr <pattern>', 'all but these extended attributes', collect);
  run(runRestore);
};

async function runRestore(context: RunContext, [reference = '']: string[], flags: RestoreFlags): Promise<void> {
  if (flags.target === undefined) throw usageError('No target was given', 'Use --target FOLDER.');
  const overwrite = overwriteRules.find((rule) => rule === flags.overwrite);
  if (overwrite === undefined)
    throw usageError(`--overwrite: ${JSON.stringify(flags.overwrite)} is not known`, `Use ${overwriteRules.join(', ')}.`);
  const include = matcher(flags.include, flags.includeFile, flags.iinclude, flags.iincludeFile);
  const exclude = matcher(flags.exclude, flags.excludeFile, flags.iexclude, flags.iexcludeFile);
  await using place = await openLocked(context, 'shared', { index: true });
  const { snapshot, subfolder } = resolveSnapshot(
    await place.repository.snapshots({ signal: place.signal }),
    reference,
    snapshotFilter(flags),
  );
  const startMs = performance.now();
  context.say(`restoring snapshot ${snapshot.id.slice(0, 8)} to ${pathText(pathBytes(flags.target))}`);
  const report = await restore(place.repository, {
    tree: snapshot.tree,
    target: pathBytes(flags.target),
    subpath: subfolder === '' ? undefined : pathBytes(subfolder),
    include,
    exclude,
    overwrite,
    delete: flags.delete,
    dryRun: flags.dryRun,
    verify: flags.verify,
    sparse: flags.sparse,
    ownershipByName: flags.ownershipByName,
    includeAttributes: flags.includeXattr,
    excludeAttributes: flags.excludeXattr,
    signal: place.signal,
    onProgress: ({ bytesRestored, totalBytes, filesRestored, totalFiles }) =>
      context.progress.update({ done: bytesRestored, total: totalBytes, bytes: true, detail: `${filesRestored} of ${totalFiles} entries` }),
    onItem: ({ action, path, sizeBytes }) => {
      if (context.verbosity < 2 && flags.dryRun !== true) return;
      context.message({ message_type: 'verbose_status', action, item: `/${path.toString()}`, size: sizeBytes });
      context.say(`${action.padEnd(20)} /${pathText(path)}`, flags.dryRun === true ? 1 : 2);
    },
  });
  for (const { path, error } of report.problems) {
    context.message({ message_type: 'error', error: { message: error.message }, during: 'restore', item: `/${path.toString()}` });
    if (!context.json) context.warn(`/${pathText(path)}: ${error.message}`);
  }
  const seconds = (performance.now() - startMs) / 1000;
  context.message({
    message_type: 'summary',
    ...withoutZeros({ seconds_elapsed: Math.floor(seconds) }),
    total_files: report.totalFiles,
    files_restored: report.filesRestored,
    ...withoutZeros({ files_skipped: report.filesSkipped, files_deleted: report.filesDeleted }),
    total_bytes: report.totalBytes,
    bytes_restored: report.bytesRestored,
    ...withoutZeros({ bytes_skipped: report.bytesSkipped }),
  });
  const verb = flags.dryRun === true ? 'Would restore' : 'Restored';
  context.say(`${verb} ${report.filesRestored} entries (${formatBytes(report.bytesRestored)}) in ${formatSeconds(seconds)}`);
  if (report.filesSkipped > 0) context.say(`left ${report.filesSkipped} as they were (${formatBytes(report.bytesSkipped)})`);
  if (report.filesDeleted > 0) context.say(`removed ${report.filesDeleted}`);
  if (report.filesToVerify > 0) context.say(`verified ${report.filesVerified} of ${report.filesToVerify} files`);
  if (report.problems.length === 0) return;
  context.exitCode = exitCodes.failed;
  const count = report.problems.length;
  context.warn(`Fatal: ${count} ${count === 1 ? 'entry is' : 'entries are'} missing or not as they were; everything else was restored`);
  context.warn('Hint: The lines above say what and why. Another snapshot, or another copy of the repository, may have them whole.');
}

/** restic leaves these out. */
function withoutZeros(fields: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));
}

/** Patterns with and without regard to case, as one. */
function matcher(
  patterns: readonly string[] = [],
  files: readonly string[] = [],
  caseless: readonly string[] = [],
  caselessFiles: readonly string[] = [],
): { match(path: Uint8Array): { matched: boolean; childMayMatch: boolean } } | undefined {
  const read = (names: readonly string[]): string[] => names.flatMap((file) => parsePatternFile(readFileSync(file), process.env));
  const lists = [
    PatternList.parse([...patterns, ...read(files)]),
    PatternList.parse([...caseless, ...read(caselessFiles)], { caseInsensitive: true }),
  ].filter((list) => !list.isEmpty);
  if (lists.length === 0) return undefined;
  return {
    match: (path) => {
      const results = lists.map((list) => list.match(path));
      return { matched: results.some(({ matched }) => matched), childMayMatch: results.some(({ childMayMatch }) => childMayMatch) };
    },
  };
}
