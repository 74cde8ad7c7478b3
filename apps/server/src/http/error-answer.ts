import { CodedError, type ErrorCode } from '@holdfast/kernel';
import { ORPCError, ValidationError } from '@orpc/server';
import { z } from 'zod';

type HttpCode =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'INTERNAL_SERVER_ERROR'
  | 'SERVICE_UNAVAILABLE';

const statuses: Readonly<Record<HttpCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

/** Codes that are told otherwise than as 400 (or 503 where trying again may help). */
const httpCodes: Readonly<Partial<Record<ErrorCode | string, HttpCode>>> = {
  unauthenticated: 'UNAUTHORIZED',
  'sign-in-failed': 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'request-refused': 'FORBIDDEN',
  'too-many-attempts': 'TOO_MANY_REQUESTS',
  'not-found': 'NOT_FOUND',
  'snapshot-not-found': 'NOT_FOUND',
  'path-not-found': 'NOT_FOUND',
  'link-expired': 'NOT_FOUND',
  'already-set-up': 'CONFLICT',
  'repository-exists': 'CONFLICT',
  'repository-locked': 'CONFLICT',
  'storage-exists': 'CONFLICT',
  conflict: 'CONFLICT',
  'name-taken': 'CONFLICT',
  'changed-meanwhile': 'CONFLICT',
  'in-use': 'CONFLICT',
  internal: 'INTERNAL_SERVER_ERROR',
};

/** An error as the HTTP API tells it. Only the text of a CodedError leaves the house; everything else is `internal` and goes to the log. */
export function errorAnswer(error: unknown, requestId: string, reportDefect: (error: unknown) => void) {
  if (isOfContract(error)) return error;
  const coded = asCoded(error);
  if (coded === undefined || coded.code === 'internal') {
    reportDefect(error);
    return answer('INTERNAL_SERVER_ERROR', 'Holdfast met a state that it believed impossible', {
      code: 'internal',
      hint: `The server's log tells more, under the request id ${requestId}.`,
      field: null,
      requestId,
    });
  }
  const code = httpCodes[coded.code] ?? (coded.retry === 'temporary' ? 'SERVICE_UNAVAILABLE' : 'BAD_REQUEST');
  const field = coded.context['field'];
  const { hint = null } = coded;
  return answer(code, coded.message, { code: coded.code, hint, field: typeof field === 'string' ? field : null, requestId });
}

function answer(code: HttpCode, message: string, data: { code: string; hint: string | null; field: string | null; requestId: string }) {
  return new ORPCError(code, { defined: true, status: statuses[code], message, data });
}

function isOfContract(error: unknown): error is ReturnType<typeof answer> {
  return error instanceof ORPCError && z.object({ requestId: z.string(), code: z.string() }).safeParse(error.data).success;
}

function asCoded(error: unknown): CodedError | undefined {
  if (CodedError.is(error)) return error;
  if (error instanceof ORPCError) {
    if (error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) return invalidInput(error.cause.issues);
    if (error.status < 500) return new CodedError({ code: refusedCode(error.status), message: error.message });
  }
  if (isHttpError(error)) return new CodedError({ code: refusedCode(error.statusCode), message: error.message });
  return undefined;
}

function refusedCode(status: number): ErrorCode {
  return status === 404 ? 'path-not-found' : status === 400 ? 'invalid-argument' : 'request-refused';
}

/** An error of the HTTP layer itself, such as a body that is too large or no JSON. */
function isHttpError(error: unknown): error is Error & { statusCode: number } {
  const status = error instanceof Error ? (error as { statusCode?: unknown }).statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}

function invalidInput(issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[]): CodedError {
  const [first] = issues;
  const field = (first?.path ?? [])
    .map((part) => String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part))
    .join('.');
  const where = field === '' ? '' : `${field}: `;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const message = `${where}${first?.message ?? 'The input is not acceptable'}${more}`;
  return new CodedError({ code: 'invalid-argument', message, context: field === '' ? {} : { field } });
}
