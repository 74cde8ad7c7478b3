import { CodedError } from '@holdfast/kernel';

const maximumTextLength = 500;

/** The engine answered, and the answer was no. `context.status` is the HTTP status. */
export function engineRefused(link: string, doing: string, status: number, said: string): CodedError {
  return new CodedError({
    code: 'engine-refused',
    message: `${link}: ${doing} was refused by the engine (${status}): ${shortened(said)}`,
    ...(status === 403
      ? { hint: 'What stands before the engine allows less than this needs: listing, inspecting, exec and archive.' }
      : {}),
    retry: status >= 500 || status === 429 ? 'temporary' : 'permanent',
    context: { link, status },
  });
}

/** What answers is no container engine, or one that does not keep to its protocol. */
export function strangeEngine(link: string, doing: string, why: string, cause?: unknown): CodedError {
  return new CodedError({
    code: 'engine-refused',
    message: `${link}: ${doing} got an answer that no container engine gives: ${shortened(why)}`,
    hint: 'Look what listens at the address of the engine, and whether a proxy stands before it that does not pass upgraded connections on.',
    context: { link },
    cause,
  });
}

export function containerNotFound(link: string, wanted: string, found: readonly string[] = []): CodedError {
  const isAmbiguous = found.length > 1;
  return new CodedError({
    code: 'container-not-found',
    message: isAmbiguous
      ? `${wanted} matches ${found.length} containers: ${found.slice(0, 5).join(', ')}`
      : `There is no container ${wanted}`,
    hint: isAmbiguous
      ? 'Name the one that is meant, or give the project as well.'
      : 'Look at the list of containers on that host: it may have another name there, or belong to another engine or account.',
    context: { link, matches: found.length },
  });
}

/** `state` as the engine says it: exited, paused, restarting, … */
export function containerNotRunning(link: string, state: string): CodedError {
  return new CodedError({
    code: 'container-not-running',
    message: `${link}: the container is not running (${shortened(state)})`,
    hint: state === 'paused' ? 'Continue it, or back it up at another time.' : 'Start it, and look at its log if it does not stay up.',
    retry: 'temporary',
    context: { link, state: shortened(state) },
  });
}

/** The container went away under a command that ran in it. `how` is a participle: stopped, paused, removed, restarted. */
export function containerLost(link: string, what: string, how: string): CodedError {
  return new CodedError({
    code: 'connection-lost',
    message: `${what} broke: the container was ${how} meanwhile`,
    hint: 'Look who stops or replaces the container while backups run, then try again.',
    retry: 'temporary',
    context: { link, container: how },
  });
}

/** Whether everything that ran in the container is gone with it. */
export function isContainerGone(error: unknown): boolean {
  return CodedError.is(error, 'connection-lost') && ['removed', 'stopped', 'restarted'].includes(String(error.context['container']));
}

function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > maximumTextLength ? `${line.slice(0, maximumTextLength)}…` : line;
}
