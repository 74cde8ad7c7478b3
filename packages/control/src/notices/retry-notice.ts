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
 * How long to wait before a notice is tried again: twice as long each time, an hour at most, and never less than the receiver asked for.
 * Undefined when it is given up: it can never succeed, or it is a day old.
 */
export function retryNoticeMs({ isTemporary, retryAfterMs, attempts, ageMs }: RetryNoticeInput): number | undefined {
  if (!isTemporary) return undefined;
  const waitMs = Math.max(retryAfterMs ?? 0, Math.min(longestMs, shortestMs * 2 ** Math.min(20, attempts - 1)));
  return ageMs + waitMs > giveUpMs ? undefined : waitMs;
}
