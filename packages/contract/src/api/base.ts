import { oc } from '@orpc/contract';
import { z } from 'zod';

const Details = z.strictObject({
  /** A code of docs/errors.md. */
  code: z.string(),
  hint: z.string().nullable(),
  /** The field of the input that is not acceptable, as a path: `config.source.paths.0`. */
  field: z.string().nullable(),
  requestId: z.string(),
});

/** What every route may answer with instead of its result. */
export const route = oc.errors({
  BAD_REQUEST: { status: 400, data: Details },
  UNAUTHORIZED: { status: 401, data: Details },
  FORBIDDEN: { status: 403, data: Details },
  NOT_FOUND: { status: 404, data: Details },
  CONFLICT: { status: 409, data: Details },
  TOO_MANY_REQUESTS: { status: 429, data: Details },
  INTERNAL_SERVER_ERROR: { status: 500, data: Details },
  SERVICE_UNAVAILABLE: { status: 503, data: Details },
});
