import { CodedError } from '@holdfast/kernel';

/** Nothing took a connection at `target`, tried from the place `from`. */
export function linkUnreachable(target: string, from: string, cause: unknown, link = target): CodedError {
  return new CodedError({
    code: 'link-unreachable',
    message: `${target} cannot be reached from ${from}: ${reasonOf(cause)}`,
    hint: 'Look whether the address and the port are right, whether the service runs there, and whether a firewall is between.',
    retry: 'temporary',
    context: { link },
    cause,
  });
}

/** A connection that was in use broke. `what` begins the message. */
export function connectionLost(what: string, cause: unknown, link?: string): CodedError {
  return new CodedError({
    code: 'connection-lost',
    message: `${what} broke: ${reasonOf(cause)}`,
    hint: 'Look at the network and at the hosts of the chain, then try again.',
    retry: 'temporary',
    context: link === undefined ? {} : { link },
    cause,
  });
}

function reasonOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no address is known for that name';
    case 'ETIMEDOUT':
      return 'there was no answer';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the other end closed it';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to that address';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
