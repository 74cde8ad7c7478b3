import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nextFire } from './next-fire.ts';
import { parseSchedule } from './schedule.ts';

interface Case {
  readonly about: string;
  readonly schedule: unknown;
  readonly zone: string;
  readonly after: string;
  /** Times on the clocks of the zone, one after the other; empty for never. */
  readonly fires: readonly string[];
}

/** Written by hand from the promise of `fireTimes` and the calendar, not by the program: a change in it is a change of what users were promised. */
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'fire-times.golden.json'), 'utf8')) as readonly Case[];

for (const { about, schedule, zone, after, fires } of cases) {
  test(`F53 ${zone}: ${about}`, () => {
    let time = Temporal.Instant.from(after);
    for (const expected of fires.length === 0 ? [undefined] : fires) {
      const fire = nextFire(parseSchedule(schedule), time, zone);
      assert.equal(fire?.toZonedDateTimeISO(zone).toString({ timeZoneName: 'never' }), expected);
      time = fire ?? time;
    }
  });
}
