import { calendarUnit } from './calendar-unit.ts';
import type { CapQuestion, RetentionEntry } from './retention-plan.ts';
import type { RetentionPolicy } from './retention-policy.ts';
import { type RangeName, RetentionRanges, rangeNames } from './retention-ranges.ts';
import type { RetentionSnapshot } from './retention-snapshot.ts';
import { isLater, laterThan } from './snapshot-order.ts';

/** Longer than clocks are ever set back: so far apart, times are in the order of their dates. */
const disorderMs = 48 * 3_600_000;

interface Group {
  readonly rule: string;
  readonly range: number;
  /** From the oldest to the newest. */
  readonly members: RetentionSnapshot[];
}

/** The snapshots of a backup at one time under one policy, with their groups. */
export class RetentionHistory {
  /** From the oldest to the newest. */
  readonly #sorted: readonly RetentionSnapshot[];
  readonly #nowMs: number;
  readonly #ranges: RetentionRanges;
  readonly #endsMs: readonly number[];
  readonly #newest: RetentionSnapshot | undefined;
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<RetentionSnapshot, Group>();
  readonly #takesLatest: boolean;

  /** `sorted` as `inOrder` does it; `nowMs` in epoch milliseconds. */
  constructor(policy: RetentionPolicy, sorted: readonly RetentionSnapshot[], nowMs: number, zone: string) {
    this.#sorted = sorted;
    this.#nowMs = nowMs;
    this.#ranges = new RetentionRanges(policy, zone);
    this.#endsMs = this.#ranges.endsMs(nowMs);
    this.#newest = sorted.findLast((snapshot) => snapshot.timeMs <= nowMs && snapshot.complete !== false);
    this.#takesLatest = policy.representative === 'latest';
    for (const snapshot of sorted) this.#addToGroup(snapshot);
  }

  #addToGroup(snapshot: RetentionSnapshot): void {
    if (snapshot.pinned === true || snapshot.complete === false || snapshot.timeMs > this.#nowMs) return;
    const range = this.#rangeOf(snapshot);
    if (range <= 0) return; // in all there are no groups
    const rule = this.#unit(snapshot, range);
    const group = this.#groups.get(rule) ?? { rule, range, members: [] };
    group.members.push(snapshot);
    this.#groups.set(rule, group);
    this.#groupOf.set(snapshot, group);
  }

  /** 0 for all to 4 for yearly; -1 for past them. */
  #rangeOf({ timeMs }: RetentionSnapshot): number {
    return this.#endsMs.findIndex((endMs) => timeMs > endMs);
  }

  #unit({ timeMs }: RetentionSnapshot, range: number): string {
    return calendarUnit(rangeNames[range] as RangeName, this.#ranges.local(timeMs));
  }

  /** What becomes of one of them, the cap aside. */
  entry(snapshot: RetentionSnapshot): RetentionEntry {
    const kept = (rule: string, untilMs?: number): RetentionEntry => {
      const until = untilMs === undefined ? null : Temporal.Instant.fromEpochMilliseconds(untilMs).toString();
      return { id: snapshot.id, keep: true, rule, until };
    };
    const removed = (rule: string): RetentionEntry => ({ id: snapshot.id, keep: false, rule, until: null });
    if (snapshot.pinned === true) return kept('pinned');
    if (snapshot.timeMs > this.#nowMs) return kept('future');
    const isInAll = this.#rangeOf(snapshot) === 0;
    if (snapshot.complete === false) {
      if (this.#newest === undefined || !isLater(this.#newest, snapshot)) return kept('incomplete');
      return isInAll ? kept('incomplete', this.#reachMs(snapshot, 0)) : removed('incomplete');
    }
    if (isInAll) return kept('all', this.#reachMs(snapshot, 0));
    const group = this.#groupOf.get(snapshot);
    const chosen = this.#takesLatest ? group?.members.at(-1) : group?.members[0];
    if (group !== undefined && chosen === snapshot) return kept(group.rule, this.#endOfPlaceMs(snapshot, group));
    if (snapshot === this.#newest) return kept('newest');
    return removed(group === undefined ? 'expired' : `superseded in ${group.rule} by ${chosen?.id}`);
  }

  #reachMs({ timeMs }: RetentionSnapshot, range: number): number {
    return this.#ranges.reachMs(timeMs, range, this.#nowMs);
  }

  /** When it stops to be the one of its group: it leaves the range, or one that is now in a younger range comes in and takes its place. */
  #endOfPlaceMs(snapshot: RetentionSnapshot, { rule, range }: Group): number {
    const leavesMs = this.#reachMs(snapshot, range);
    const successor = this.#takesLatest ? this.#successor(snapshot, rule, range) : undefined;
    return successor === undefined ? leavesMs : Math.min(leavesMs, this.#reachMs(successor, range - 1));
  }

  #successor(snapshot: RetentionSnapshot, rule: string, range: number): RetentionSnapshot | undefined {
    for (const next of laterThan(this.#sorted, snapshot)) {
      if (next.pinned === true || next.complete === false) continue;
      if (this.#unit(next, range) === rule) return next;
      if (next.timeMs - snapshot.timeMs > disorderMs) return undefined;
    }
    return undefined;
  }

  /** What a cap is to be applied to, after the entries were made. */
  capQuestion(entries: readonly RetentionEntry[], capBytes: number): CapQuestion {
    const kept = new Set(entries.filter(({ keep }) => keep).map(({ id }) => id));
    const candidates = this.#sorted.filter(({ id }) => kept.has(id)).reverse();
    const isProtected = (each: RetentionSnapshot): boolean => each === this.#newest || each.pinned === true || each.timeMs > this.#nowMs;
    const first = candidates.filter(isProtected);
    const order = [...first, ...candidates.filter((each) => !isProtected(each))].map(({ id }) => id);
    return { capBytes, order, protectedCount: Math.max(1, first.length) }; // where all are incomplete, the last one stays
  }
}
