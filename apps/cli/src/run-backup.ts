import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { absolutePath, type BackupReport, type BackupWorkers, backup, targetExists } from '@holdfast/engine/backup';
import type { Repository } from '@holdfast/engine/repository';
import {
  chooseParent,
  expandGlob,
  type NamedSnapshot,
  parseGroupBy,
  parsePatternFile,
  parseSize,
  parseTagList,
  pathBytes,
  resolveSnapshot,
} from '@holdfast/engine/selection';
import type { BackupFlags } from './commands/backup.ts';
import { exitCodes } from './exit-codes.ts';
import { formatBytes, formatSeconds } from './format-bytes.ts';
import { openDestinations } from './open-repository.ts';
import { repositoryLocation } from './open-storage.ts';
import { parseCompression } from './parse-compression.ts';
import type { PasswordSources } from './read-password.ts';
import { type RunContext, usageError } from './run-context.ts';
import { pathText } from './terminal-text.ts';

/** `holdfast repo backup`, on threads that whoever calls ends. */
export async function runBackup(context: RunContext, paths: string[], flags: BackupFlags, workers: BackupWorkers): Promise<void> {
  const targets = readTargets(paths, flags);
  await using stack = new AsyncDisposableStack();
  const destinations = await openDestinations(context, locations(context, flags), {
    writes: flags.dryRun !== true,
    scryptThreads: workers,
  });
  const places = destinations.flatMap(({ place }) => place ?? []);
  for (const place of places) stack.use(place);
  const time = flags.time === undefined ? undefined : parseLocalTime(flags.time);
  const parents = await Promise.all(places.map(({ repository }) => findParent(repository, targets.filter(targetExists), flags, time)));
  const startMs = performance.now();
  const first = places[0];
  if (
    first !== undefined &&
    first.repository.version === 2 &&
    places.some(({ repository }) => repository.polynomial !== first.repository.polynomial)
  ) {
    context.warn('Warning: the repositories cut files differently; the others deduplicate less against what they hold already.');
  }
  if (parents[0] !== undefined) context.say(`using parent snapshot ${parents[0].id.slice(0, 8)}`);
  const report = await backup(
    places.map(({ repository, lock }, i) => ({ repository, lock, parent: parents[i] })),
    {
      workers,
      targets,
      stream:
        flags.stdin === true ? { name: flags.stdinFilename ?? 'stdin', bytes: addAbortSignal(context.signal, process.stdin) } : undefined,
      exclusions: {
        patterns: [...(flags.exclude ?? []), ...readPatterns(flags.excludeFile)],
        caseInsensitivePatterns: [...(flags.iexclude ?? []), ...readPatterns(flags.iexcludeFile)],
        caches: flags.excludeCaches ?? false,
        ifPresent: flags.excludeIfPresent ?? [],
        largerThanBytes: flags.excludeLargerThan === undefined ? undefined : parseSize(flags.excludeLargerThan),
      },
      excludes: [...(flags.exclude ?? []), ...(flags.iexclude ?? [])],
      tags: (flags.tag ?? []).flatMap(parseTagList).filter((tag) => tag !== ''),
      hostname: flags.host,
      time,
      compression: parseCompression(context.flags.compression),
      packSizeBytes: context.flags.packSize === undefined ? undefined : context.flags.packSize * 2 ** 20,
      force: flags.force ?? false,
      ignoreCtime: flags.ignoreCtime ?? false,
      ignoreInode: flags.ignoreInode ?? false,
      withAtime: flags.withAtime ?? false,
      oneFileSystem: flags.oneFileSystem ?? false,
      dryRun: flags.dryRun ?? false,
      skipIfUnchanged: flags.skipIfUnchanged ?? false,
      signal: context.signal,
      scan: flags.scan !== false && context.progress.isShown,
      onProgress: ({ filesDone, bytesDone, problems, bytesTotal }) => {
        const detail = `${filesDone} files${problems > 0 ? `, ${problems} problems` : ''}`;
        context.progress.update({ done: bytesDone, total: bytesTotal, bytes: true, detail });
      },
      onProblem: ({ path, kind, error }) => {
        context.message({ message_type: 'error', error: { message: error.message }, during: 'archival', item: path.toString() });
        if (!context.json) context.warn(`${kind}: ${pathText(path)}: ${error.message}`);
      },
    },
  );
  tellReport(context, report, (performance.now() - startMs) / 1000, flags.dryRun === true);
  for (const { location, error } of destinations) if (error !== undefined) tellMissing(context, location, error);
}

/** A destination that could not be opened or locked; the others have their snapshot. */
function tellMissing(context: RunContext, location: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  context.exitCode = exitCodes.incomplete;
  context.message({ message_type: 'error', error: { message }, during: 'open', item: location });
  if (!context.json) context.warn(`Error: ${location} did not get the snapshot: ${message}`);
}

function locations(context: RunContext, flags: BackupFlags): { location: string; sources: PasswordSources }[] {
  const passwordFiles = flags.alsoPasswordFile ?? [];
  const sources = { ...context.flags, stdinIsTaken: flags.stdin };
  const others = (flags.alsoRepo ?? []).map((location, i) => {
    const passwordFile = passwordFiles[i];
    return { location, sources: passwordFile === undefined ? sources : { passwordFile } };
  });
  return [{ location: repositoryLocation(context), sources }, ...others];
}

async function findParent(
  repository: Repository,
  targets: readonly Buffer[],
  flags: BackupFlags,
  time: string | undefined,
): Promise<NamedSnapshot | undefined> {
  if (flags.force === true || flags.stdin === true) return undefined;
  const snapshots = await repository.snapshots();
  if (flags.parent !== undefined) return resolveSnapshot(snapshots, flags.parent).snapshot;
  return chooseParent(snapshots, {
    hostname: flags.host ?? hostname(),
    paths: targets.map(absolutePath),
    tags: (flags.tag ?? []).flatMap(parseTagList),
    timeNs: time === undefined ? repository.clock.nowNs() : Temporal.Instant.from(time).epochNanoseconds,
    groupBy: parseGroupBy(flags.groupBy),
  });
}

function readTargets(paths: readonly string[], flags: BackupFlags): Buffer[] {
  if (flags.stdin === true) {
    if (paths.length > 0) throw usageError('--stdin takes no paths', 'Leave out the paths or --stdin.');
    return [];
  }
  const lines = (files: readonly string[] | undefined, separator: string): Buffer[] =>
    (files ?? []).flatMap((file) => {
      const text = readFileSync(file === '-' ? 0 : file, 'latin1');
      return text
        .split(separator)
        .filter((line) => line !== '')
        .map((line) => Buffer.from(line, 'latin1'));
    });
  const wildcards = (flags.filesFrom ?? []).flatMap((file) => parsePatternFile(readFileSync(file === '-' ? 0 : file)));
  const targets = [
    ...paths.map(pathBytes),
    ...wildcards.flatMap(expandGlob),
    ...lines(flags.filesFromVerbatim, '\n'),
    ...lines(flags.filesFromRaw, '\0'),
  ];
  if (targets.length === 0) throw usageError('There is nothing to back up', 'Name files or directories, or use --files-from or --stdin.');
  return targets;
}

function readPatterns(files: readonly string[] | undefined): string[] {
  return (files ?? []).flatMap((file) => parsePatternFile(readFileSync(file), process.env));
}

/** `2006-01-02 15:04:05` in this machine's zone, or RFC 3339, as RFC 3339. */
function parseLocalTime(text: string): string {
  try {
    if (/[zZ]$|[+-]\d\d:\d\d$/.test(text)) {
      Temporal.Instant.from(text);
      return text.replace(' ', 'T');
    }
    const zoned = Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime(Temporal.Now.timeZoneId());
    return zoned.toString({ timeZoneName: 'never' }).replace(/\+00:00$/, 'Z');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError(`--time: ${JSON.stringify(text)} is not a time`, 'Write it as 2006-01-02 15:04:05.');
  }
}

function tellReport(context: RunContext, report: BackupReport, seconds: number, dryRun: boolean): void {
  const { counts, destinations } = report;
  context.progress.clear();
  for (const destination of destinations) {
    context.message({
      message_type: 'summary',
      ...(dryRun ? { dry_run: true } : {}),
      files_new: counts.filesNew,
      files_changed: counts.filesChanged,
      files_unmodified: counts.filesUnmodified,
      dirs_new: counts.dirsNew,
      dirs_changed: counts.dirsChanged,
      dirs_unmodified: counts.dirsUnmodified,
      data_blobs: destination.dataBlobs,
      tree_blobs: destination.treeBlobs,
      data_added: destination.dataAdded,
      data_added_packed: destination.dataAddedPacked,
      total_files_processed: counts.files,
      total_bytes_processed: counts.bytes,
      total_duration: seconds,
      backup_start: Temporal.Instant.fromEpochMilliseconds(Number(report.startNs / 1_000_000n)).toString(),
      backup_end: Temporal.Instant.fromEpochMilliseconds(Number(report.endNs / 1_000_000n)).toString(),
      ...(destination.snapshot === undefined ? {} : { snapshot_id: destination.snapshot }),
    });
  }
  const three = (a: number, b: number, c: number): string =>
    `${String(a).padStart(5)} new, ${String(b).padStart(5)} changed, ${String(c).padStart(5)} unmodified`;
  context.say(`\nFiles:       ${three(counts.filesNew, counts.filesChanged, counts.filesUnmodified)}`);
  context.say(`Dirs:        ${three(counts.dirsNew, counts.dirsChanged, counts.dirsUnmodified)}`);
  for (const { repository, error, snapshot, dataAdded, dataAddedPacked } of destinations) {
    const place = destinations.length > 1 ? ` in repository ${repository.slice(0, 10)}` : '';
    context.say(
      `${dryRun ? 'Would add' : 'Added'} to the repository: ${formatBytes(dataAdded)} (${formatBytes(dataAddedPacked)} stored)${place}`,
    );
    if (snapshot !== undefined) context.say(`snapshot ${snapshot.slice(0, 8)} saved${place}`);
    else if (error === undefined && !dryRun) context.say(`nothing has changed, no snapshot made${place}`);
    if (error === undefined) continue;
    context.exitCode = exitCodes.incomplete;
    context.warn(`Error: repository ${repository.slice(0, 10)} did not get the snapshot: ${error.message}`);
  }
  context.say(`\nprocessed ${counts.files} files, ${formatBytes(counts.bytes)} in ${formatSeconds(seconds)}`);
  const left = report.problems.filter(({ kind }) => kind !== 'changed' && kind !== 'vanished').length;
  if (!report.incomplete) return;
  context.exitCode = exitCodes.incomplete;
  context.warn(`Warning: ${left} entries could not be read; the snapshot is incomplete`);
}
