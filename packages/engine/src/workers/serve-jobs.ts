import { parentPort, type Transferable } from 'node:worker_threads';
import { CodedError } from '@holdfast/kernel';
import { broadcastNumber, flattenError, type JobMessage, type WorkerMessage } from './worker-message.ts';

/** What a job gives back: the result, and the buffers that move instead of being copied. */
export interface Answer<Result> {
  readonly result: Result;
  readonly transfer?: readonly Transferable[];
}

/** Answers the jobs of a `WorkerPool`, one at a time in their order. `emit` sends an event ahead of the result. */
export function serveJobs<Job, Result>(
  handle: (job: Job, emit: (event: unknown) => void) => Answer<Result> | Promise<Answer<Result>>,
): void {
  const port = parentPort;
  if (port === null) throw new CodedError({ code: 'internal', message: 'A worker entry was started outside a worker thread' });
  let previous: Promise<void> = Promise.resolve();
  const post = (message: WorkerMessage<Result>, transfer: readonly Transferable[] = []): void => port.postMessage(message, [...transfer]);
  const serve = async ({ number, job }: JobMessage<Job>): Promise<void> => {
    try {
      const answer = await handle(job, (event) => post({ number, kind: 'event', event }));
      post({ number, kind: 'result', result: answer.result }, answer.transfer);
    } catch (error) {
      post({ number, kind: 'error', error: flattenError(error) });
    }
  };
  post({ number: broadcastNumber, kind: 'loaded' });
  port.on('message', (message: JobMessage<Job>) => {
    previous = previous.then(() => serve(message));
  });
}
