import { CodedError } from '@holdfast/kernel';

/** How long a person waits for an answer of a far place. */
const patienceMs = 60_000;

/** Does it with a signal that is also aborted, as `command-timeout`, when it takes longer than a person waits. */
export async function withPatience<Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLate()), patienceMs);
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(): CodedError {
  return new CodedError({
    code: 'command-timeout',
    message: `There was no answer within ${patienceMs / 1000} seconds`,
    hint: 'See whether the host is up and whether something on the way swallows the packets.',
    retry: 'temporary',
  });
}
