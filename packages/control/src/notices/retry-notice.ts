const shortestMs = 10_000;
const longestMs = 3_600_000;
/** News that are older are none. */
const giveUpMs = 24 * 3_600_000;

export interface RetryNoticeInput {
  readonly isTemporary: boolean;
  /** What the receiver asked for. */
  readonly retryAfterMs: number | undefined;
  readonly attempts: number;
  readonly ageMs: number;
}

/**
 * How long to wait before a notice is tried again: as long as the receiver asked for, else twice as long each time, an hour at most.
 * Undefined when it is given up: it can never succeed, or it is a day old.
 */
export function retryNoticeMs({ isTemporary, retryAfterMs, attempts, ageMs }: RetryNoticeInput): number | undefined {
  if (!isTemporary) return undefined;
  // Who says how long to wait can be reached: after an outage that took hours the backlog then goes out at the pace that is asked for.
  const waitMs =
    retryAfterMs === undefined ? Math.min(longestMs, shortestMs * 2 ** Math.min(20, attempts - 1)) : Math.max(1_000, retryAfterMs);
  return ageMs + waitMs > giveUpMs ? undefined : waitMs;
}
