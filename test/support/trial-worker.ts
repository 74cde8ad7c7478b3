import { isMainThread, threadId, workerData } from 'node:worker_threads';
import { CodedError } from '@holdfast/kernel';
import { serveJobs } from '../../packages/engine/src/workers/serve-jobs.ts';

export type TrialJob =
  | { readonly kind: 'echo'; readonly value: unknown; readonly delayMs?: number }
  | { readonly kind: 'where' }
  | { readonly kind: 'remember'; readonly value: string }
  | { readonly kind: 'recall' }
  | { readonly kind: 'emit'; readonly count: number }
  | { readonly kind: 'move'; readonly buffer: ArrayBuffer }
  | { readonly kind: 'fail' }
  | { readonly kind: 'throw'; readonly message: string }
  | { readonly kind: 'answer-function' }
  | { readonly kind: 'exit' }
  | { readonly kind: 'fill-memory' }
  | { readonly kind: 'count-forever'; readonly counter: Int32Array };

let remembered = '';

/** The error of `fail`, for comparison. */
export function trialError(): CodedError {
  return new CodedError({
    code: 'storage-unreachable',
    message: 'The trial failed',
    hint: 'Try again.',
    retry: 'temporary',
    context: { attempts: 3, of: 'trial' },
    cause: new CodedError({ code: 'blob-damaged', message: 'A blob is damaged', cause: new RangeError('beyond the end') }),
  });
}

function answer(job: TrialJob, emit: (event: unknown) => void): unknown {
  switch (job.kind) {
    case 'echo':
      return job.value;
    case 'where':
      return { threadId, workerData };
    case 'remember':
      remembered = job.value;
      return undefined;
    case 'recall':
      return remembered;
    case 'emit':
      for (let i = 0; i < job.count; i++) emit(i);
      return 'emitted';
    case 'move':
      return job.buffer;
    case 'fail':
      throw trialError();
    case 'throw':
      throw new RangeError(job.message);
    case 'answer-function':
      return () => 'no thread can send this';
    case 'exit':
      return process.exit(0);
    case 'fill-memory': {
      const kept: number[][] = [];
      for (;;) kept.push(new Array<number>(10_000).fill(1.5));
    }
    case 'count-forever':
      for (;;) Atomics.add(job.counter, 0, 1);
  }
}

if (!isMainThread) {
  serveJobs<TrialJob, unknown>(async (job, emit) => {
    if (job.kind === 'echo' && job.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, job.delayMs));
    return { result: answer(job, emit), ...(job.kind === 'move' ? { transfer: [job.buffer] } : {}) };
  });
}
