import { CodedError, type ErrorCode } from '@holdfast/kernel';
import type { S3Failure, S3FailureKind } from './s3-failure.ts';

/** Which code each kind of failure has for whoever uses the bucket: a storage or a source. */
export type S3ErrorCodes = Readonly<Record<S3FailureKind, ErrorCode>>;

/** The CodedError of a failure. `doing` begins the message: "Saving data file 1a2b…". */
export function s3Error(failure: S3Failure, doing: string, place: string, codes: S3ErrorCodes, cause: unknown): CodedError {
  const { kind, words, hint, again, code } = failure;
  return new CodedError({
    code: codes[kind],
    message: `${doing} failed at ${place}: ${words}`,
    hint,
    retry: again ? 'temporary' : 'permanent',
    context: { failure: kind, said: code },
    cause,
  });
}

/** Whether the error is such a failure of a bucket. */
export function isS3Failure(error: unknown, ...kinds: readonly S3FailureKind[]): error is CodedError {
  return CodedError.is(error) && kinds.some((kind) => error.context['failure'] === kind);
}
