import type { ReportedError } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';

/** An error as reports carry it. What is no CodedError is a defect: `internal`. */
export function reportedError(error: unknown): ReportedError {
  if (CodedError.is(error)) return { code: error.code, message: error.message, hint: error.hint ?? null, retry: error.retry };
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a defect of Holdfast. Keep the log and report it.',
    retry: 'permanent',
  };
}

/** The error that ended work under this signal: why it was cancelled, if it was, whatever broke on the way. */
export function endingError(error: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted) return error;
  const reason: unknown = signal.reason;
  return CodedError.is(reason) ? reason : new CodedError({ code: 'cancelled', message: 'The run was cancelled', cause: reason });
}
