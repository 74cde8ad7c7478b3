import assert from 'node:assert/strict';
import { CodedError } from '@holdfast/kernel';

/** The coded error that the work rejects with; anything else fails the test. */
export async function failure(work: Promise<unknown>): Promise<CodedError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(CodedError.is(error), `no coded error: ${String(error)}`);
  return error;
}
