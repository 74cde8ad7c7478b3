import type { FireRule } from './fire-rule.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** For tests: all fires in from < t ≤ to by looking at the clock every minute and asking of each minute of its face that it passes for the first time. */
export function bruteForceFires(rule: FireRule, fromMs: number, toMs: number, faceMs: (epochMs: number) => number): number[] {
  const fires: number[] = [];
  let highest = faceMs(fromMs); // nothing before the window counts; it must not begin in a repeated hour
  for (let now = fromMs + minuteMs; now <= toMs; now += minuteMs) {
    const face = faceMs(now);
    let isDue = false;
    for (; highest < face; highest += minuteMs) isDue = matches(rule, highest + minuteMs) || isDue;
    if (isDue) fires.push(now);
  }
  return fires;
}

function matches(rule: FireRule, faceMs: number): boolean {
  const face = new Date(faceMs);
  const minuteOfDay = Math.floor((faceMs - Math.floor(faceMs / dayMs) * dayMs) / minuteMs);
  const inMonth = rule.daysOfMonth.includes(face.getUTCDate());
  const inWeek = rule.daysOfWeek.includes(((face.getUTCDay() + 6) % 7) + 1);
  return (
    rule.minutes.includes(minuteOfDay % 60) &&
    rule.hours.includes(Math.floor(minuteOfDay / 60)) &&
    rule.months.includes(face.getUTCMonth() + 1) &&
    (rule.days === 'either' ? inMonth || inWeek : inMonth && inWeek)
  );
}
