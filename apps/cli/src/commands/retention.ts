import { addAbortSignal } from 'node:stream';
import {
  fileBytes,
  parseRetentionPolicy,
  parseRetentionSnapshot,
  planRetention,
  type RetentionEntry,
  type RetentionSnapshot,
  requireZone,
} from '@holdfast/control';
import { CodedError, systemClock } from '@holdfast/kernel';
import type { Command } from 'commander';
import { formatTable } from '../format-table.ts';
import { readJsonFile } from '../json-file.ts';
import { readJsonLines } from '../json-lines.ts';
import { localText, parseInstant } from '../parse-instant.ts';
import type { CommandModule } from '../program.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { terminalText } from '../terminal-text.ts';

interface PreviewFlags {
  readonly policy?: string;
  readonly now?: string;
  readonly zone?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .command('preview')
    .description('tell of each snapshot which rule keeps or removes it; removes nothing')
    .option('--policy <file>', 'JSON file of the policy; without it, the default policy')
    .option('--now <instant>', 'the time to look at, like 2026-11-25T12:00:00Z; without it, now')
    .option('--zone <zone>', 'time zone of the backup, like Europe/Berlin; without it, that of this machine')
    .addHelpText('after', '\nReads snapshots from standard input, one JSON a line: {"id", "time", "bytes", "pinned"?, "complete"?}.');
  run(preview);
};

async function preview(context: RunContext, _arguments: string[], flags: PreviewFlags): Promise<void> {
  const policy = parseRetentionPolicy(flags.policy === undefined ? {} : await readJsonFile(flags.policy, 'The policy'));
  const nowMs = flags.now === undefined ? Number(systemClock.nowNs() / 1_000_000n) : parseInstant(flags.now, '--now');
  const zone = requireZone(flags.zone ?? Temporal.Now.timeZoneId());
  const snapshots = await readSnapshots(context.signal);
  const { entries } = planRetention({ policy, snapshots, nowMs, zone, bytesOf: fileBytes(snapshots) });
  if (context.json) for (const { id, keep, rule, until } of entries) context.message({ id, keep, rule, until });
  else context.print(entriesTable(entries, snapshots, zone));
}

async function readSnapshots(signal: AbortSignal): Promise<RetentionSnapshot[]> {
  const snapshots: RetentionSnapshot[] = [];
  const lineOf = new Map<string, number>();
  try {
    for await (const { lineNumber, value } of readJsonLines(addAbortSignal(signal, process.stdin))) {
      const snapshot = readSnapshot(value, lineNumber);
      const before = lineOf.get(snapshot.id);
      if (before !== undefined)
        throw usageError(`Line ${lineNumber}: id: ${JSON.stringify(snapshot.id)} is in line ${before} already`, 'Give each snapshot once.');
      lineOf.set(snapshot.id, lineNumber);
      snapshots.push(snapshot);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return snapshots;
}

function readSnapshot(value: unknown, lineNumber: number): RetentionSnapshot {
  try {
    return parseRetentionSnapshot(value);
  } catch (error) {
    if (!CodedError.is(error, 'invalid-argument')) throw error;
    throw usageError(`Line ${lineNumber}: ${error.message}`, error.hint ?? '');
  }
}

function entriesTable(entries: readonly RetentionEntry[], snapshots: readonly RetentionSnapshot[], zone: string): string {
  const rows = entries.map(({ id, keep, rule, until }, nr) => [
    terminalText(id),
    localText(Temporal.Instant.fromEpochMilliseconds(snapshots[nr]?.timeMs ?? Number.NaN), zone),
    keep ? 'keep' : 'remove',
    terminalText(rule),
    until === null ? '' : localText(Temporal.Instant.from(until), zone),
  ]);
  const stay = entries.filter(({ keep }) => keep).length;
  return formatTable(['ID', 'Time', 'Verdict', 'Rule', 'Until'], rows, `${stay} of ${entries.length} snapshots stay`);
}
