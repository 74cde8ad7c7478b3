import type { ProcessExit } from '@holdfast/connect/port';
import { describeExit } from '@holdfast/connect/run';
import { CodedError, type ErrorCode } from '@holdfast/kernel';

/** What a driver makes of the words of a failed program. `again`: the same may succeed later. */
export interface FailureReading {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly again?: boolean;
}

/** Reads what a program said on standard error; undefined where that says nothing known. */
export type ReadFailure = (said: string) => FailureReading | undefined;

/** `source-incomplete`: `what` names the dump, `why` what is missing of it. */
export function incomplete(
  what: string,
  why: string,
  details: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): CodedError {
  return new CodedError({
    code: 'source-incomplete',
    message: `${what} is not whole: ${why}`,
    hint: details.hint ?? 'Mend what the message names and run again. No snapshot was made of it.',
    retry: 'temporary',
    cause: details.cause,
  });
}

export interface FailedProgram {
  /** What it was to do: `Dumping the database "app"`. */
  readonly what: string;
  readonly program: string;
  /** Where it ran, for people. */
  readonly place: string;
  readonly exit: ProcessExit;
  readonly said: string;
  readonly read: ReadFailure;
  /** The code where nothing better is known. */
  readonly otherwise: ErrorCode;
}

/** The error for a program that did not end with exit code 0, or whose words mean failure: what it said decides the code. */
export function programFailed(failed: FailedProgram): CodedError {
  const { what, program, place, exit, said } = failed;
  const context = exit.kind === 'exited' ? { program, exitCode: exit.code } : { program, signal: exit.signal };
  if (exit.kind === 'exited' && (exit.code === 127 || exit.code === 126)) return toolMissing(program, place, said);
  const reading = exit.kind === 'exited' ? failed.read(said) : undefined;
  const words = lastWords(said);
  return new CodedError({
    code: reading?.code ?? failed.otherwise,
    message: `${what} failed: ${program} on ${place} ${describeExit(exit)}${words === '' ? '' : `: ${words}`}`,
    hint: reading?.hint ?? 'The message has the words of the program. Mend what they name and run again.',
    retry: reading === undefined || reading.again === true ? 'temporary' : 'permanent',
    context,
  });
}

/** `tool-missing`: the host has no such program, or it cannot be run there. */
export function toolMissing(program: string, place: string, said = ''): CodedError {
  const words = lastWords(said);
  return new CodedError({
    code: 'tool-missing',
    message: `${program} is needed and cannot be run on ${place}${words === '' ? '' : `: ${words}`}`,
    hint: `Name the folder that ${program} is in, or a host or container that has it. Holdfast installs nothing.`,
    context: { program },
  });
}

/** `tool-too-old`: the program would leave out what the newer server has. */
export function toolTooOld(program: string, version: string, server: string, place: string): CodedError {
  return new CodedError({
    code: 'tool-too-old',
    message: `${program} on ${place} (${version}) is older than ${server}`,
    hint: `Name the folder (toolFolder) of a ${program} that is at least as new as the server.`,
    context: { program, version },
  });
}

/** `source-not-found`: what was chosen by name is not there. */
export function notThere(kind: string, names: readonly string[], place: string): CodedError {
  const list = names.map((name) => JSON.stringify(name)).join(', ');
  return new CodedError({
    code: 'source-not-found',
    message: `There is no ${kind} ${list} ${place}`,
    hint: `Choose a ${kind} that is there, or bring it back. Nothing was read.`,
    context: { count: names.length },
  });
}

/** `source-not-found`: everything that is there is left out. */
export function nothingThere(server: string): CodedError {
  return new CodedError({
    code: 'source-not-found',
    message: `${server} has no database to take`,
    hint: 'Everything there belongs to the server itself, is closed or is left out. A backup of nothing would look like one of something.',
  });
}

/** The last lines that say something, on one line: tools put the reason at the end. */
export function lastWords(said: string, lines = 3): string {
  const all = said.split('\n').map((line) => line.trim());
  return all
    .filter((line) => line !== '')
    .slice(-lines)
    .join(' | ')
    .slice(-1000);
}
