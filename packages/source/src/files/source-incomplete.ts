import { CodedError } from '@holdfast/kernel';

/** The error of a stream that is not proven to be whole. `why` completes the sentence; `said` is what the far side said last. */
export function sourceIncomplete(what: string, why: string, said = ''): CodedError {
  return new CodedError({
    code: 'source-incomplete',
    message: `${what} was cut short or garbled: ${why}${said === '' ? '' : `; the far side said: ${said}`}`,
    hint: 'Run it again. If it stays so, see whether something there writes to the output of commands (a login script) or ends them.',
    retry: 'temporary',
  });
}
