import type { ReportedError } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';

/** An error as a person may see it. What is no CodedError is a defect: it says so, without its details. */
export function reported(error: unknown): ReportedError {
  if (CodedError.is(error)) return { code: error.code, message: error.message, hint: error.hint ?? null, retry: error.retry };
  const kind = error instanceof Error ? error.name : typeof error;
  return { code: 'internal', message: `Holdfast met a defect of its own (${kind})`, hint: 'Report it.', retry: 'temporary' };
}
