import { CodedError, type CodedErrorDetails } from '@holdfast/kernel';

/** The number of what goes to every thread and has no result. */
export const broadcastNumber = -1;

/** To a worker: one job. */
export interface JobMessage<Job> {
  readonly number: number;
  readonly job: Job;
}

/** From a worker: that it has loaded all it is made of; then what a job emits, ends with or fails with. */
export type WorkerMessage<Result> =
  | { readonly number: number; readonly kind: 'loaded' }
  | { readonly number: number; readonly kind: 'event'; readonly event: unknown }
  | { readonly number: number; readonly kind: 'result'; readonly result: Result }
  | { readonly number: number; readonly kind: 'error'; readonly error: unknown };

/** A CodedError as plain data, since structured clone keeps only name, message and stack. Other errors stay as they are. */
export function flattenError(error: unknown): unknown {
  if (!(error instanceof CodedError)) return error;
  const { code, message, hint, retry, context, cause } = error;
  return { codedError: { code, message, hint, retry, context, cause: flattenError(cause) } };
}

/** The inverse of `flattenError`. */
export function reviveError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('codedError' in error)) return error;
  const details = error.codedError as CodedErrorDetails;
  return new CodedError({ ...details, cause: reviveError(details.cause) });
}
