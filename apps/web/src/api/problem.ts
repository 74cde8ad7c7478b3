import { ORPCError } from '@orpc/client';

/** What went wrong with a call, for people. */
export interface Problem {
  readonly code: string;
  /** 0 where no answer came. */
  readonly status: number;
  readonly message: string;
  readonly hint: string | null;
  /** The field of the input that is not acceptable: `config.source.paths.0`. */
  readonly field: string | null;
  readonly requestId: string | null;
}

/** Reads whatever a call threw. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ORPCError) {
    const data = recordOf(error.data);
    return {
      code: textOf(data['code']) ?? error.code,
      status: error.status,
      message: error.message,
      hint: textOf(data['hint']),
      field: textOf(data['field']),
      requestId: textOf(data['requestId']),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'no-answer', status: 0, message, hint: null, field: null, requestId: null };
}

/** What is wrong with that field or something within it, for showing beside it. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (error === null || error === undefined) return undefined;
  const problem = problemOf(error);
  if (problem.field === null) return undefined;
  return problem.field === field || problem.field.startsWith(`${field}.`) ? problem.message : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
