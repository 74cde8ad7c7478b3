import { Notice, type ReportedError } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { reported } from '../runs/reported.ts';
import { retryNoticeMs } from './retry-notice.ts';

/** Takes a notice to people. Throws a CodedError; one that is temporary may say in its context `retryAfterMs` how long to wait. */
export type Deliver = (notice: Notice, signal: AbortSignal) => Promise<void>;

export interface NoticePumpOptions {
  /** By the name of the sender. */
  readonly senders: Readonly<Record<string, Deliver>>;
  /** For what goes wrong besides a delivery: the database does not answer. */
  readonly onFault: (error: unknown) => void;
  /** How often it looks. Default 2 s. */
  readonly everyMs?: number;
  /** How long a delivery may take; so long others leave the notice alone. Default 60 s. */
  readonly leaseMs?: number;
}

interface Taken {
  readonly id: string;
  readonly sender: string;
  readonly body: string;
  readonly attempts: number;
  readonly created_ms: number;
}

/**
 * Takes notices from the outbox to people, the oldest first, each once: two pumps share the work, and one that dies leaves a notice that the
 * next takes up after its lease: one that is being delivered waits, for the next try, which never comes if it succeeds. Only a pump that dies between the delivery and its noting delivers twice.
 */
export class NoticePump implements AsyncDisposable {
  readonly #context: ControlContext;
  readonly #options: NoticePumpOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(context: ControlContext, options: NoticePumpOptions) {
    this.#context = context;
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** Delivers what is due now. Returns how many deliveries it tried. */
  async drain(): Promise<number> {
    for (let count = 0; ; count++) {
      if (this.#stopping.signal.aborted) return count;
      const taken = await this.#take();
      if (taken === undefined) return count;
      await this.#deliver(taken);
    }
  }

  async #work(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.drain();
      } catch (error) {
        this.#options.onFault(error);
      }
      try {
        await this.#context.clock.sleep(this.#options.everyMs ?? 2_000, this.#stopping.signal);
      } catch (error) {
        if (!this.#stopping.signal.aborted) throw error;
      }
    }
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? 60_000;
  }

  async #take(): Promise<Taken | undefined> {
    const senders = Object.keys(this.#options.senders);
    if (senders.length === 0) return undefined;
    return await this.#context.database.transaction(async (tables) => {
      const now = nowMs(this.#context.clock);
      const due = await tables
        .selectFrom('notice')
        .select(['id', 'attempts'])
        .where('state', '=', 'waiting')
        .where('next_attempt_ms', '<=', now)
        .where('sender', 'in', senders)
        .orderBy('next_attempt_ms')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      if (due === undefined) return undefined;
      return await tables
        .updateTable('notice')
        .set({ attempts: due.attempts + 1, next_attempt_ms: now + this.#leaseMs })
        .where('id', '=', due.id)
        .where('attempts', '=', due.attempts)
        .where('state', '=', 'waiting')
        .returning(['id', 'sender', 'body', 'attempts', 'created_ms'])
        .executeTakeFirst();
    });
  }

  async #deliver(taken: Taken): Promise<void> {
    const timeout = new AbortController();
    const ended = new AbortController();
    const timer = this.#context.clock.sleep(this.#leaseMs * 0.8, ended.signal).then(
      () => timeout.abort(new CodedError({ code: 'cancelled', message: 'The message took too long', retry: 'temporary' })),
      () => undefined,
    );
    try {
      const deliver = this.#options.senders[taken.sender];
      if (deliver === undefined) throw new CodedError({ code: 'internal', message: `There is no sender ${taken.sender}` });
      await deliver(Notice.parse(JSON.parse(taken.body)), AbortSignal.any([timeout.signal, this.#stopping.signal]));
    } catch (error) {
      await this.#failed(taken, error);
      return;
    } finally {
      ended.abort();
      await timer;
    }
    const deliveredMs = nowMs(this.#context.clock);
    await this.#note(taken, { state: 'delivered', delivered_ms: deliveredMs, next_attempt_ms: null, error: null });
  }

  async #failed(taken: Taken, error: unknown): Promise<void> {
    const now = nowMs(this.#context.clock);
    const words: ReportedError = reported(error);
    const retryAfterMs = CodedError.is(error) ? error.context['retryAfterMs'] : undefined;
    const waitMs = this.#stopping.signal.aborted
      ? 0
      : retryNoticeMs({
          isTemporary: words.retry === 'temporary',
          retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
          attempts: taken.attempts,
          ageMs: now - taken.created_ms,
        });
    await this.#note(taken, {
      state: waitMs === undefined ? 'failed' : 'waiting',
      delivered_ms: null,
      next_attempt_ms: waitMs === undefined ? null : now + waitMs,
      error: words.message,
    });
    // Who asks for a pause means every message, not only this one.
    if (waitMs !== undefined && typeof retryAfterMs === 'number') await this.#pause(taken.sender, now + waitMs);
  }

  async #pause(sender: string, untilMs: number): Promise<void> {
    await this.#context.database.tables
      .updateTable('notice')
      .set({ next_attempt_ms: untilMs })
      .where('sender', '=', sender)
      .where('state', '=', 'waiting')
      .where('next_attempt_ms', '<', untilMs)
      .execute();
  }

  async #note(
    taken: Taken,
    values: { state: string; delivered_ms: number | null; next_attempt_ms: number | null; error: string | null },
  ): Promise<void> {
    await this.#context.database.tables
      .updateTable('notice')
      .set(values)
      .where('id', '=', taken.id)
      .where('attempts', '=', taken.attempts)
      .where('state', '=', 'waiting')
      .execute();
    this.#context.changes.publish({ noun: 'notification', id: taken.id });
  }
}
