import { type Clock, CodedError } from '@holdfast/kernel';

interface Failures {
  count: number;
  openAtMs: number;
  forgetAtMs: number;
}

export interface AttemptLimits {
  /** Failures that cost nothing. */
  readonly free: number;
  /** What the first failure after those costs; each further one costs twice as much, up to `mostSeconds`. */
  readonly firstSeconds: number;
  readonly mostSeconds: number;
}

/** For one account, and for one address from which several accounts may be tried. */
export const accountLimits: AttemptLimits = { free: 4, firstSeconds: 2, mostSeconds: 900 };
export const addressLimits: AttemptLimits = { free: 15, firstSeconds: 2, mostSeconds: 900 };

const mostKeys = 20_000;
const forgetAfterMs = 24 * 3_600_000;

/**
 * Makes guessing slow: after some failures for a key each further attempt has to wait, longer every time. An attempt counts as a failure from
 * its beginning until it is taken back, so that many at once gain nothing. Kept in memory: a restart forgets, and whoever can cause
 * restarts needs no password.
 */
export class AttemptLimiter {
  readonly #failures = new Map<string, Failures>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts an attempt, or throws `too-many-attempts` without counting it. */
  begin(keys: readonly { readonly key: string; readonly limits: AttemptLimits }[]): void {
    const nowMs = Number(this.#clock.nowNs() / 1_000_000n);
    const waitMs = Math.max(...keys.map(({ key }) => this.#live(key, nowMs)?.openAtMs ?? 0)) - nowMs;
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new CodedError({
        code: 'too-many-attempts',
        message: 'There were too many failed attempts to sign in',
        hint: `Try again in ${seconds} seconds.`,
        retry: 'temporary',
        context: { retryAfterSeconds: seconds },
      });
    }
    for (const { key, limits } of keys) this.#fail(key, limits, nowMs);
  }

  /** Forgets all that was counted against a key. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Takes back one attempt that turned out to be right; the failures before it stay. */
  takeBack(key: string): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    failures.count--;
    failures.openAtMs = 0;
  }

  #live(key: string, nowMs: number): Failures | undefined {
    const failures = this.#failures.get(key);
    // A clock that was set back must not lock anybody out for longer than the longest delay.
    return failures !== undefined && failures.forgetAtMs > nowMs && failures.openAtMs - nowMs <= 3_600_000 ? failures : undefined;
  }

  #fail(key: string, limits: AttemptLimits, nowMs: number): void {
    const count = (this.#live(key, nowMs)?.count ?? 0) + 1;
    const over = count - limits.free;
    const delayMs = over <= 0 ? 0 : Math.min(limits.mostSeconds, limits.firstSeconds * 2 ** Math.min(over - 1, 30)) * 1000;
    // Most recently used last, so that the oldest goes when there are too many.
    this.#failures.delete(key);
    this.#failures.set(key, { count, openAtMs: nowMs + delayMs, forgetAtMs: nowMs + delayMs + forgetAfterMs });
    if (this.#failures.size > mostKeys) {
      const oldest = this.#failures.keys().next();
      if (oldest.done !== true) this.#failures.delete(oldest.value);
    }
  }
}
