import type { Clock } from '@holdfast/kernel';
import { z } from 'zod';
import type { Database, Tables } from '../database/database.ts';
import { nowMs } from '../now-ms.ts';

const key = 'clock';
/** More than this, and the clock was set rather than corrected. */
export const clockToleranceMs = 5 * 60_000;
/** How long a clock that jumped is in doubt: what was removed by a wrong date is gone. */
const doubtMs = 24 * 3_600_000;

const ClockRecord = z.object({
  /** The clock when it was last looked at. */
  lastMs: z.number(),
  /** By how much it jumped, if that is less than a day ago. */
  jumpMs: z.number().nullable(),
  /** How much time has passed since the jump, as far as somebody watched. */
  steadyMs: z.number(),
});
type ClockRecord = z.infer<typeof ClockRecord>;

/**
 * Watches the clock of this machine beside one that only runs forward, and writes down whether it can be trusted. Time in which nobody watched
 * (the machine was off, or slept) proves nothing about a jump forward: where it is long, that counts as one.
 */
export class ClockWatch {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #monotonicMs: () => number;
  #last: { readonly wallMs: number; readonly monotonicMs: number } | undefined;

  constructor(database: Database, clock: Clock, monotonicMs: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.#monotonicMs = monotonicMs;
  }

  /** To be called at least every few minutes. */
  async look(): Promise<void> {
    const [wallMs, monotonicMs] = [nowMs(this.#clock), this.#monotonicMs()];
    const before = this.#last;
    this.#last = { wallMs, monotonicMs };
    await this.#database.transaction(async (tables) => {
      const record = await readRecord(tables);
      const next = nextRecord(record, wallMs, before === undefined ? undefined : monotonicMs - before.monotonicMs);
      const value = JSON.stringify(next);
      await tables
        .insertInto('setting')
        .values({ key, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute();
    });
  }
}

/** Time for which nobody need have watched and yet a gap is believed: a machine that was off for a month is rare, a wrong date is not. */
const believedGapMs = 31 * 24 * 3_600_000;

function nextRecord(record: ClockRecord | undefined, wallMs: number, passedMs: number | undefined): ClockRecord {
  if (record === undefined) return { lastMs: wallMs, jumpMs: null, steadyMs: 0 };
  const jumpMs = wallMs - record.lastMs - (passedMs ?? 0);
  const mostMs = passedMs === undefined ? believedGapMs : clockToleranceMs;
  if (jumpMs < -clockToleranceMs || jumpMs > mostMs) return { lastMs: wallMs, jumpMs, steadyMs: 0 };
  const steadyMs = record.steadyMs + (passedMs ?? 0);
  return record.jumpMs === null || steadyMs >= doubtMs
    ? { lastMs: wallMs, jumpMs: null, steadyMs: 0 }
    : { lastMs: wallMs, jumpMs: record.jumpMs, steadyMs };
}

async function readRecord(tables: Tables): Promise<ClockRecord | undefined> {
  const row = await tables.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
  return row && ClockRecord.parse(JSON.parse(row.value));
}

/**
 * Why this machine's clock cannot be trusted to decide what is old, as a sentence; undefined where it can. It must agree with the one that the
 * scheduler watches, which on another machine is another clock.
 */
export async function clockDoubt(tables: Tables, clock: Clock): Promise<string | undefined> {
  const record = await readRecord(tables);
  if (record === undefined) return 'The clock has not been watched yet.';
  const now = nowMs(clock);
  if (record.jumpMs !== null) {
    const minutes = Math.round(Math.abs(record.jumpMs) / 60_000);
    return `The clock jumped ${record.jumpMs < 0 ? 'back' : 'forward'} by ${minutes} minutes.`;
  }
  if (Math.abs(now - record.lastMs) <= clockToleranceMs) return undefined;
  return `The clock is ${Math.round(Math.abs(now - record.lastMs) / 60_000)} minutes away from where the scheduler last saw it.`;
}
