import type { ErrorCode } from './error-codes.ts';

export interface CodedErrorDetails {
  readonly code: ErrorCode;
  /** What failed, for whom: one sentence that names the thing, without secrets. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly hint?: string;
  /** Whether trying the same again may succeed. Default `permanent`. */
  readonly retry?: 'permanent' | 'temporary';
  /** Values for programs: names, sizes, limits. Never secrets. */
  readonly context?: Readonly<Record<string, string | number | boolean | null>>;
  readonly cause?: unknown;
}

/** The one error class of Holdfast. Everything else that is thrown is a defect. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retry: 'permanent' | 'temporary';
  readonly context: Readonly<Record<string, string | number | boolean | null>>;

  constructor(details: CodedErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.hint = details.hint;
    this.retry = details.retry ?? 'permanent';
    this.context = details.context ?? {};
  }

  /** True for a CodedError, of that code if one is given. */
  static is(error: unknown, code?: ErrorCode): error is CodedError {
    return error instanceof CodedError && (code === undefined || error.code === code);
  }
}
