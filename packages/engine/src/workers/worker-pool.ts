import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { type Transferable, Worker } from 'node:worker_threads';
import { CodedError } from '@holdfast/kernel';
import { broadcastNumber, type JobMessage, reviveError, type WorkerMessage } from './worker-message.ts';

export interface JobOptions {
  readonly transfer?: readonly Transferable[];
  /** What the job emits before it ends, in order. */
  readonly onEvent?: (event: unknown) => void;
}

interface PendingJob<Job, Result> {
  readonly job: Job;
  readonly options: JobOptions;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Member<Job, Result> {
  readonly worker: Worker;
  readonly running: Map<number, PendingJob<Job, Result>>;
  /** Resolves when it has loaded its entry, or has ended. */
  readonly loaded: Promise<void>;
}

/** Two jobs a worker: the next one is there when the first ends, so that no worker waits for the main thread. */
const jobsPerWorker = 2;

/**
 * Worker threads that all run the same entry file (which calls `serveJobs`). Jobs start in the order of `run`, on whichever thread has
 * room. A thread that dies fails the jobs it had and every later one. Disposing ends the threads; jobs under way are rejected.
 */
export class WorkerPool<Job, Result> implements AsyncDisposable {
  readonly size: number;
  readonly #members: Member<Job, Result>[];
  readonly #waiting: PendingJob<Job, Result>[] = [];
  #nextJob = 0;
  #failure: unknown;

  constructor(entry: URL, size: number, workerData: unknown) {
    this.size = size;
    this.#members = Array.from({ length: size }, () => this.#start(entry, workerData));
  }

  /** Jobs handed in and not yet ended. */
  get outstanding(): number {
    return this.#waiting.length + this.#members.reduce((sum, member) => sum + member.running.size, 0);
  }

  run(job: Job, options: JobOptions = {}): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ job, options, resolve, reject });
    this.#dispatch();
    return promise;
  }

  /** Hands a message to every thread, to be handled before the jobs that are dispatched after it. Nothing comes back unless it fails. */
  broadcast(job: Job): void {
    const message: JobMessage<Job> = { number: broadcastNumber, job };
    for (const { worker } of this.#members) worker.postMessage(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new CodedError({ code: 'cancelled', message: 'The work was ended before this job' }));
    // A thread that is ended while it loads native code takes the whole process with it: short work may be over before all have loaded.
    const end = async ({ worker, loaded }: Member<Job, Result>): Promise<void> => {
      await loaded;
      await worker.terminate();
    };
    await Promise.all(this.#members.map(end));
  }

  #start(entry: URL, workerData: unknown): Member<Job, Result> {
    const worker = new Worker(entry, {
      workerData,
      env: workerEnvironment(),
      trackUnmanagedFds: false,
      resourceLimits: { maxYoungGenerationSizeMb: 24 },
    });
    const { promise: loaded, resolve: hasLoaded } = Promise.withResolvers<void>();
    const member: Member<Job, Result> = { worker, running: new Map(), loaded };
    worker.on('message', (message: WorkerMessage<Result>) => {
      if (message.kind === 'loaded') hasLoaded();
      else this.#receive(member, message);
    });
    worker.once('exit', () => hasLoaded());
    worker.on('error', (cause) => this.#fail(threadDied(cause)));
    worker.on('exit', () => this.#fail(new CodedError({ code: 'internal', message: 'A worker thread ended unexpectedly' })));
    return member;
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const member = this.#members.reduce((least, each) => (each.running.size < least.running.size ? each : least));
      if (member.running.size >= jobsPerWorker) return;
      const pending = this.#waiting.shift();
      if (pending === undefined) return;
      const number = this.#nextJob++;
      member.running.set(number, pending);
      const message: JobMessage<Job> = { number, job: pending.job };
      try {
        member.worker.postMessage(message, pending.options.transfer ?? []);
      } catch (error) {
        // What cannot be sent fails its own job only, and must not end in the message handler that made room for it.
        member.running.delete(number);
        pending.reject(error);
      }
    }
  }

  #receive(member: Member<Job, Result>, message: Exclude<WorkerMessage<Result>, { kind: 'loaded' }>): void {
    if (message.number === broadcastNumber) {
      if (message.kind === 'error') this.#fail(reviveError(message.error));
      return;
    }
    const pending = member.running.get(message.number);
    if (pending === undefined) return; // the pool has failed; late answers are of no use
    if (message.kind === 'event') {
      pending.options.onEvent?.(message.event);
      return;
    }
    member.running.delete(message.number);
    if (message.kind === 'result') pending.resolve(message.result);
    else pending.reject(reviveError(message.error));
    this.#dispatch();
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const pending of this.#waiting.splice(0)) pending.reject(error);
    for (const { running } of this.#members) {
      for (const pending of running.values()) pending.reject(error);
      running.clear();
    }
  }
}

/** The process's own; and a thread does not share its compile cache unless told so, and would strip the types of every file anew. */
function workerEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir(); // has a folder for each version of Node in it
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) };
}

function threadDied(cause: unknown): CodedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CodedError({ code: 'internal', message: `A worker thread ended unexpectedly: ${why}`, cause });
}
