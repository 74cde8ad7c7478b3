import { APIError } from 'better-auth/api';

/** `refused` where the sign-in library said no; everything else it threw is a defect and stays itself. */
export function refusal(error: unknown, refused: Error): unknown {
  return error instanceof APIError && error.statusCode >= 400 && error.statusCode < 500 ? refused : error;
}
