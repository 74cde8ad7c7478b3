import { availableParallelism } from 'node:os';
import { forEachBounded } from '@holdfast/kernel';
import { WorkerPool } from '../../workers/worker-pool.ts';
import type { BriefedJob, RestoreJob, RestoreJobResult, RestoreSetup } from './restore-job.ts';
import type { RestorePlan } from './restore-plan.ts';

const threadLimit = 8;

/** The threads of one restore. Disposing waits for what they do, so that nothing is written afterwards. */
export class RestoreCrew implements AsyncDisposable {
  readonly size = Math.min(threadLimit, availableParallelism());
  readonly #pool: WorkerPool<BriefedJob, RestoreJobResult>;
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4));
  /** A thread that is ended while it loads native code takes the whole process with it, so this is awaited first. */
  readonly #ready: Promise<unknown>;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #plan: RestorePlan;
  readonly #targetFd: number;
  readonly #signal: AbortSignal;
  readonly #cancel = (): void => void Atomics.store(this.#cancelled, 0, 1);

  /** The descriptor stays open until the crew is disposed of. */
  constructor(setup: Omit<RestoreSetup, 'cancelled'>, plan: RestorePlan, targetFd: number, signal: AbortSignal) {
    this.#pool = new WorkerPool(new URL('./restore-worker.ts', import.meta.url), this.size, { ...setup, cancelled: this.#cancelled });
    this.#plan = plan;
    this.#targetFd = targetFd;
    this.#signal = signal;
    // one for each thread, since none has anything else to do yet
    const greetings = Array.from({ length: this.size }, () => this.#pool.run({ briefing: undefined, job: { kind: 'ready' } }));
    this.#ready = Promise.allSettled(greetings);
    signal.addEventListener('abort', this.#cancel, { once: true });
    if (signal.aborted) this.#cancel();
  }

  /** Rejects with the signal's reason once it is aborted. */
  async run(job: RestoreJob): Promise<RestoreJobResult> {
    const transfer = job.kind === 'blobs' && job.bytes.buffer instanceof ArrayBuffer ? [job.bytes.buffer] : [];
    const running = this.#pool.run({ briefing: { plan: this.#plan.shared, targetFd: this.#targetFd }, job }, { transfer });
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Runs a job for each batch of entries, on all threads. */
  async runBatches(
    entries: Iterable<number>,
    batchSize: number,
    job: (batch: Uint32Array) => RestoreJob,
    onResult: (result: RestoreJobResult) => void,
  ): Promise<void> {
    const limit = this.size * 2;
    await forEachBounded(batches(entries, batchSize), limit, async (batch) => onResult(await this.run(job(batch))), this.#signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#cancel();
    await Promise.allSettled([this.#ready, ...this.#underWay]);
    await this.#pool[Symbol.asyncDispose]();
  }
}

function* batches(entries: Iterable<number>, size: number): Generator<Uint32Array> {
  let batch: number[] = [];
  for (const entry of entries) {
    batch.push(entry);
    if (batch.length < size) continue;
    yield Uint32Array.from(batch);
    batch = [];
  }
  if (batch.length > 0) yield Uint32Array.from(batch);
}
