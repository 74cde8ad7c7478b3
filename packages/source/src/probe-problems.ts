import { CodedError } from '@holdfast/kernel';
import type { SourceProbe } from './port.ts';
import { type DatabaseSelection, requireAll } from './select-databases.ts';

type Problem = SourceProbe['problems'][number];

/** The error that a pull would end with, as a problem of a probe. */
export function blockingProblem(error: CodedError): Problem {
  return { blocking: true, code: error.code, message: error.message, hint: error.hint ?? '' };
}

/** Whatever a pull would say of the selection. */
export function selectionProblems(selection: DatabaseSelection, server: string): readonly Problem[] {
  try {
    requireAll(selection, server);
    return [];
  } catch (error) {
    if (CodedError.is(error)) return [blockingProblem(error)];
    throw error;
  }
}

/** Encryption without proof of the server's name. */
export const unprovenServer: Problem = {
  blocking: false,
  code: 'source-untrusted',
  message: 'The server does not have to prove who it is: whoever answers gets the password and can write the dump',
  hint: "Give the server's authority (tlsAuthority) and ask for verified encryption.",
};
