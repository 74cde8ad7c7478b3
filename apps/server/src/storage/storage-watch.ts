import { type ReportedError, StorageStatus } from '@holdfast/contract';
import { type Caller, type ControlContext, control, nowMs } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';
import { busyStorageServers, changedStorageServers } from './busy-storage-servers.ts';

export interface StorageWatchOptions {
  /** Looks at a storage server and writes down what it sees, also where that is an error. */
  readonly look: (id: string, signal: AbortSignal) => Promise<unknown>;
  /** For what goes wrong besides: the database does not answer, a defect. It goes on. */
  readonly onFault: (error: unknown) => void;
  /** How old what is known of a storage server may get. Default 30 minutes. */
  readonly everyMs?: number;
  /** How often a few of those have their turn. Default a minute. */
  readonly turnMs?: number;
  /** How many are looked at at a time. Default 2. */
  readonly atOnce?: number;
  /** How long a look may take. Default 5 minutes. */
  readonly limitMs?: number;
}

/** Who looks, for the audit log. */
const caller: Caller = { actor: 'Holdfast', requestId: 'storage-watch' };
/** So long after a run: what follows from its end is queued by then, and one look is enough for both. */
const settleMs = 2_000;

/**
 * Keeps what is known of storage servers fresh: each is looked at every half an hour, spread over that time, and after runs that changed it,
 * never while one works there. What is wrong with one is in its status; a look that hangs keeps no other from its turn.
 */
export class StorageWatch implements AsyncDisposable {
  readonly #control: ControlContext;
  readonly #options: StorageWatchOptions;
  readonly #stopping = new AbortController();
  readonly #inFlight = new Set<string>();
  /** When a run that changed it ended, by storage server. */
  readonly #changed = new Map<string, number>();
  #seenMs: number;
  #turnMs: number;
  #wake = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(context: ControlContext, options: StorageWatchOptions) {
    this.#control = context;
    this.#options = options;
    this.#seenMs = nowMs(context.clock);
    this.#turnMs = this.#seenMs;
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** Looks at those whose turn it is, and returns which these were. */
  async turn(): Promise<string[]> {
    const { turnMs = 60_000, everyMs = 1_800_000, atOnce = 2 } = this.#options;
    const { clock, database } = this.#control;
    const now = nowMs(clock);
    const rows = await database.tables.selectFrom('storage_server').select(['id', 'status']).orderBy('id').execute();
    const checked = new Map(rows.map(({ id, status }) => [id, StorageStatus.parse(JSON.parse(status)).checkedMs ?? 0]));
    for (const { id, endedMs } of await changedStorageServers(database.tables, this.#seenMs)) {
      this.#changed.set(id, endedMs);
      this.#seenMs = Math.max(this.#seenMs, endedMs);
    }
    const busy = await busyStorageServers(database.tables, now);
    const isFree = (id: string): boolean => !busy.has(id) && !this.#inFlight.has(id);
    const due: string[] = [];
    for (const [id, endedMs] of this.#changed) {
      const checkedMs = checked.get(id);
      if (checkedMs === undefined || checkedMs > endedMs) this.#changed.delete(id);
      // Where runs end all the time, a look every minute will do.
      else if (isFree(id) && Math.abs(now - checkedMs) >= turnMs) due.push(id);
    }
    if (Math.abs(now - this.#turnMs) >= turnMs) {
      this.#turnMs = now;
      const old = [...checked].filter(([id, checkedMs]) => Math.abs(now - checkedMs) >= everyMs && isFree(id) && !due.includes(id));
      const oldest = old.sort(([, a], [, b]) => a - b).map(([id]) => id);
      due.push(...oldest.slice(0, Math.ceil((checked.size * turnMs) / everyMs)));
    }
    const waiting = [...due];
    const worker = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined && !this.#stopping.signal.aborted; id = waiting.shift()) await this.#look(id);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return due;
  }

  async #work(): Promise<void> {
    const leave = this.#control.changes.listen(({ noun }) => {
      if (noun === 'run') this.#wake.abort();
    });
    try {
      while (!this.#stopping.signal.aborted) {
        await this.#sleep(this.#options.turnMs ?? 60_000, this.#wake.signal);
        if (this.#wake.signal.aborted) await this.#sleep(settleMs);
        this.#wake = new AbortController();
        try {
          if (!this.#stopping.signal.aborted) await this.turn();
        } catch (error) {
          this.#options.onFault(error);
        }
      }
    } finally {
      leave();
    }
  }

  async #sleep(ms: number, wake?: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, ...(wake === undefined ? [] : [wake])]);
    await this.#control.clock.sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #look(id: string): Promise<void> {
    const { look, onFault, limitMs = 300_000 } = this.#options;
    const ended = new AbortController();
    const limit = new AbortController();
    this.#inFlight.add(id);
    const work = async (): Promise<void> => {
      try {
        await look(id, AbortSignal.any([this.#stopping.signal, limit.signal]));
      } catch (error) {
        // It was removed meanwhile, or nobody waits for the answer any more.
        if (!CodedError.is(error, 'not-found') && !this.#stopping.signal.aborted && !limit.signal.aborted) onFault(error);
      } finally {
        this.#inFlight.delete(id);
        ended.abort();
      }
    };
    const tooLong = this.#control.clock.sleep(limitMs, AbortSignal.any([ended.signal, this.#stopping.signal])).then(
      async () => {
        limit.abort();
        await control.storageServers.recordStatus(this.#control, caller, { id, status: this.#silent(limitMs) }).catch(onFault);
      },
      () => undefined,
    );
    await Promise.race([work(), tooLong]);
  }

  #silent(limitMs: number): Partial<StorageStatus> {
    const error: ReportedError = {
      code: 'storage-unreachable',
      message: `The storage server gave no answer for ${Math.round(limitMs / 1000)} s`,
      hint: 'Does its disk still answer, and the network that it is reached by?',
      retry: 'temporary',
    };
    return { reachable: false, checkedMs: nowMs(this.#control.clock), error };
  }
}
