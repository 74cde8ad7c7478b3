import { CodedError } from '@holdfast/kernel';

/** States of PostgreSQL after which the same transaction, tried again, may do. */
const conflicts = ['40001', '40P01'];
/** Rows that came in between can show as these, where a second look finds them. */
const violations = ['23505', '23503'];
const refusals = ['28', '3D', '42501', '53100', '58', 'XX'];
const absences = ['08', '57P', '53'];
const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
];

export type PostgresConflict = 'conflict' | 'violation' | undefined;

/** Whether two transactions met. */
export function postgresConflict(error: unknown): PostgresConflict {
  const state = stateOf(error);
  if (state !== undefined && conflicts.includes(state)) return 'conflict';
  return state !== undefined && violations.includes(state) ? 'violation' : undefined;
}

/** An error of PostgreSQL or of the way to it as a coded one where a person can do something about it; every other one as it is. */
export function postgresError(error: unknown, server: string): unknown {
  if (!(error instanceof Error) || error instanceof CodedError) return error;
  const state = stateOf(error) ?? '';
  if (refusals.some((start) => state.startsWith(start)))
    return new CodedError({
      code: 'database-unusable',
      message: `The PostgreSQL database ${server} refuses: ${error.message}`,
      hint: 'Look at the address, the user and its rights, and at the disk and the log of the server.',
      cause: error,
    });
  const isAway = absences.some((start) => state.startsWith(start)) || networkCodes.includes(state);
  if (!isAway && !/^(Connection terminated|timeout (exceeded|expired)|Client has encountered a connection error)/.test(error.message))
    return error;
  return new CodedError({
    code: 'database-busy',
    message: `The PostgreSQL database ${server} does not answer: ${error.message}`,
    hint: 'See whether the server runs and can be reached from here, and how many connections it allows.',
    retry: 'temporary',
    cause: error,
  });
}

function stateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Several addresses of one name were tried.
  return error instanceof AggregateError ? stateOf(error.errors[0]) : undefined;
}
