import { describeSchedule, fireTimes, parseSchedule, requireZone, type Schedule } from '@holdfast/control';
import { systemClock } from '@holdfast/kernel';
import type { Command } from 'commander';
import { readJsonFile } from '../json-file.ts';
import { localText, parseInstant } from '../parse-instant.ts';
import type { CommandModule } from '../program.ts';
import { wholeNumber } from '../repository-flags.ts';
import { type RunContext, usageError } from '../run-context.ts';

interface NextFlags {
  readonly schedule?: string;
  readonly cron?: string;
  readonly zone?: string;
  readonly after?: string;
  readonly count: number;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .command('next')
    .description('list the next times at which a schedule fires, its jitter aside')
    .option('--schedule <file>', 'JSON file of the schedule')
    .option('--cron <line>', 'a cron line, like "30 2 * * mon-fri"')
    .option('--zone <zone>', 'time zone of the schedule, like Europe/Berlin; without it, that of this machine')
    .option('--after <instant>', 'only times after this, like 2026-11-25T12:00:00Z; without it, after now')
    .option('--count <n>', 'how many', wholeNumber(1, 100_000), 5);
  run(next);
};

async function next(context: RunContext, _arguments: string[], flags: NextFlags): Promise<void> {
  const schedule = await readSchedule(flags);
  const zone = requireZone(flags.zone ?? Temporal.Now.timeZoneId());
  const afterMs = flags.after === undefined ? Number(systemClock.nowNs() / 1_000_000n) : parseInstant(flags.after, '--after');
  context.say(describeSchedule(schedule));
  let count = 0;
  for (const fire of fireTimes(schedule, afterMs, zone).take(flags.count)) {
    context.signal.throwIfAborted();
    count += 1;
    if (context.json) context.message({ time: fire.toString(), local: fire.toZonedDateTimeISO(zone).toString() });
    else context.print(`${localText(fire, zone)}  ${fire.toString()}`);
  }
  if (count === 0) throw usageError('The schedule never fires: no such day comes', 'Look at its days of the month and its months.');
}

async function readSchedule({ schedule, cron }: NextFlags): Promise<Schedule> {
  if (schedule !== undefined && cron === undefined) return parseSchedule(await readJsonFile(schedule, 'The schedule'));
  if (schedule === undefined && cron !== undefined) return parseSchedule({ cron });
  throw usageError(
    schedule === undefined ? 'No schedule was given' : '--schedule and --cron exclude each other',
    'Give --schedule FILE or --cron LINE.',
  );
}
