import { randomInt } from 'node:crypto';
import { type CheckReport, check, everyPack, parseSubset, selectSubset } from '@holdfast/engine';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { pathText } from '../terminal-text.ts';

interface CheckFlags {
  readonly readData?: boolean;
  readonly readDataSubset?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .option('--read-data', 'read and verify all data')
    .option('--read-data-subset <subset>', 'read a part of the data: n/t, a share like 10% or a size like 5G')
    .option('--with-cache', 'accepted for the sake of scripts');
  run(runCheck);
};

async function runCheck(context: RunContext, _arguments: string[], flags: CheckFlags): Promise<void> {
  if (flags.readData === true && flags.readDataSubset !== undefined)
    throw usageError('--read-data and --read-data-subset exclude each other', 'Give one of them.');
  const subset = flags.readDataSubset === undefined ? undefined : parseSubset(flags.readDataSubset);
  const lockKind = context.flags.lock === false ? 'shared' : 'exclusive';
  await using place = await openLocked(context, lockKind, { index: false, early: true });
  const report = await check(place.repository, {
    ...(flags.readData === true ? { selectPacks: everyPack } : {}),
    ...(subset === undefined ? {} : { selectPacks: (packs) => selectSubset(packs, subset, (limit) => randomInt(limit)) }),
    signal: place.signal,
    onProgress: ({ step, done, total }) => context.progress.update({ step, done, total, bytes: step === 'read-data' }),
  });
  await place.lock?.assertHeld(); // what was found counts only if nobody worked on the repository meanwhile
  for (const { error } of report.errors) {
    context.message({ message_type: 'error', message: error.message });
    if (!context.json) context.warn(`error: ${error.message}`);
  }
  for (const { error } of report.hints) context.say(`hint: ${error.message}`);
  if (report.orphanedPacks.length > 0)
    context.say(
      `${report.orphanedPacks.length} packs are named by no index: harmless left-overs of an interrupted run, prune removes them`,
    );
  for (const { snapshotId, path } of report.affected) context.warn(`affected: snapshot ${snapshotId.slice(0, 8)} ${pathText(path)}`);
  if (!report.affectedIsComplete) context.warn('affected: and more');
  const { counts } = report;
  context.say(
    `checked ${counts.snapshots} snapshots, ${counts.trees} trees, ${counts.blobs} blobs in ${counts.packs} packs; read the data of ${counts.packsRead}`,
  );
  context.message({
    message_type: 'summary',
    num_errors: report.errorCount,
    broken_packs: report.damagedPacks.length === 0 ? null : report.damagedPacks,
    suggest_repair_index: report.suggestRepairIndex,
    suggest_prune: report.suggestPrune,
  });
  if (report.errorCount === 0) return context.say('no errors were found');
  context.exitCode = exitCodes.failed;
  context.warn(`Fatal: the repository has ${report.errorCount} error${report.errorCount === 1 ? '' : 's'}`);
  context.warn(`Hint: ${hintFor(report)}`);
}

/** What to do first. Mending is restic's trade: the repository is its own. */
function hintFor(report: CheckReport): string {
  const first = 'Make a copy of the repository before anything else.';
  if (report.damagedPacks.length > 0)
    return `${first} restic repair packs, then repair snapshots, takes out what is lost and keeps the rest.`;
  if (report.suggestRepairIndex) return `${first} restic repair index makes a new index of what the packs hold.`;
  if (report.damagedSnapshots.length > 0) return `${first} The files of the snapshots can be fetched from another copy of the repository.`;
  return `${first} restic repair snapshots takes out what is lost and keeps the rest.`;
}
