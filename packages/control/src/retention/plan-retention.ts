import { CodedError } from '@holdfast/kernel';
import { shown } from '../schedule/check-input.ts';
import { requireZone } from '../schedule/time-zone.ts';
import { applyCap } from './apply-cap.ts';
import { RetentionHistory } from './retention-history.ts';
import type { RetentionPlan } from './retention-plan.ts';
import { parseRetentionPolicy, type RetentionPolicy } from './retention-policy.ts';
import type { RetentionSnapshot } from './retention-snapshot.ts';
import { inOrder } from './snapshot-order.ts';
import type { UnionBytes } from './union-bytes.ts';

const megabyte = 1_048_576;

export interface RetentionInput {
  readonly policy: RetentionPolicy;
  /** Those of one backup on one storage server, in any order. */
  readonly snapshots: readonly RetentionSnapshot[];
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** IANA name of the backup's zone. */
  readonly zone: string;
  /** Given, the cap is applied at once; else the plan says in `cap` what to measure for `applyCap`. */
  readonly bytesOf?: UnionBytes;
}

/**
 * Which snapshots stay, by which rule and until when, and which go. Pure; the order of the input does not matter, and planning again on what
 * is kept, at the same time, removes nothing. Never removes the newest complete snapshot that is not in the future, and never all of them.
 * `invalid-argument` for a policy, zone, time or snapshots (an ID twice) that are not right.
 */
export function planRetention({ policy, snapshots, nowMs, zone, bytesOf }: RetentionInput): RetentionPlan {
  const rules = parseRetentionPolicy(policy); // once more: what is not typed can delete
  checkTimes(snapshots, nowMs);
  const history = new RetentionHistory(rules, inOrder(snapshots), nowMs, requireZone(zone));
  const entries = snapshots.map((snapshot) => history.entry(snapshot));
  const capMegabytes = rules.delete_oldest_backups_when_using_more_megabytes_than;
  const plan = { entries, cap: capMegabytes === null ? null : history.capQuestion(entries, capMegabytes * megabyte) };
  const result = bytesOf === undefined || plan.cap === null ? plan : applyCap(plan, bytesOf(plan.cap.order));
  if (snapshots.length > 0 && !result.entries.some(({ keep }) => keep))
    throw new CodedError({
      code: 'internal',
      message: `Retention would keep none of ${snapshots.length} snapshots`,
      hint: 'Nothing was removed.',
    });
  return result;
}

function checkTimes(snapshots: readonly RetentionSnapshot[], nowMs: number): void {
  const isTime = (timeMs: number): boolean => Number.isInteger(timeMs) && Math.abs(timeMs) <= Date.UTC(9999, 11, 31);
  if (!isTime(nowMs)) throw wrong(`${nowMs} is no time to plan retention for`, 'Give whole milliseconds since 1970-01-01T00:00:00Z.');
  for (const { id, timeMs } of snapshots)
    if (!isTime(timeMs))
      throw wrong(`The snapshot ${shown(id)} has no time but ${timeMs}`, 'Read the snapshot again. Nothing was removed.');
}

function wrong(message: string, hint: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message, hint });
}
