import { availableParallelism } from 'node:os';
import type { Transferable } from 'node:worker_threads';
import type { Answer } from '../../workers/serve-jobs.ts';
import { WorkerPool } from '../../workers/worker-pool.ts';

export interface JobKind<Setup, Job, Result> {
  /** The file that serves such jobs in a worker thread. */
  readonly entry: URL;
  /** Makes the same function as that file serves. */
  readonly handler: (setup: Setup) => (job: Job) => Answer<Result>;
  readonly setup: Setup;
  /** So many bytes of jobs are done on the calling thread before worker threads are started: starting them takes longer than that. */
  readonly inlineBytes: number;
}

const mostThreads = 8;

/** Runs jobs on as many worker threads as there are processors, and the first few, which are often all, at once. */
export class JobRunner<Setup, Job, Result> implements AsyncDisposable {
  readonly threads = Math.min(availableParallelism(), mostThreads);
  readonly #kind: JobKind<Setup, Job, Result>;
  #handle: ((job: Job) => Answer<Result>) | undefined;
  #pool: WorkerPool<Job, Result> | undefined;
  #inlineBytes: number;

  constructor(kind: JobKind<Setup, Job, Result>) {
    this.#kind = kind;
    this.#inlineBytes = kind.inlineBytes;
  }

  /** `bytes` is the size of the job. What is in `transfer` must not be used any more. */
  async run(job: Job, bytes: number, transfer: readonly Transferable[] = []): Promise<Result> {
    this.#inlineBytes -= bytes;
    if (this.#pool === undefined && this.#inlineBytes >= 0) {
      this.#handle ??= this.#kind.handler(this.#kind.setup);
      return this.#handle(job).result;
    }
    this.#pool ??= new WorkerPool<Job, Result>(this.#kind.entry, this.threads, this.#kind.setup);
    return this.#pool.run(job, { transfer });
  }

  /** Ends the threads, which hold memory, until there is again enough to do for them. No job may be running. */
  async rest(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#inlineBytes = this.#kind.inlineBytes;
    await pool?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.[Symbol.asyncDispose]();
  }
}
