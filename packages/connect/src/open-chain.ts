import { CodedError } from '@holdfast/kernel';
import { ownedHost } from './owned-host.ts';
import type { CallOptions, Connector, Host } from './port.ts';

export interface OpenChainOptions extends CallOptions {
  /** Told of each link as it is reached. */
  readonly onOpened?: (host: Host, position: number) => void;
}

/**
 * Opens link by link, beginning at `start`, and returns the last place. Disposing of it closes the links in reverse order, and `start` not, which
 * was not opened here. When a link fails, or the signal aborts, those before it are closed and the error tells which link it was: `context.link`
 * and `context.position`, counted from 1. The time limit, if there is one, is for each link.
 */
export async function openChain(start: Host, connectors: readonly Connector[], options: OpenChainOptions = {}): Promise<Host> {
  const { onOpened, ...callOptions } = options;
  await using stack = new AsyncDisposableStack();
  const hosts: Host[] = [start];
  let last = start;
  for (const [index, connect] of connectors.entries()) {
    options.signal?.throwIfAborted();
    try {
      last = stack.use(await connect(last, callOptions));
    } catch (error) {
      throw options.signal?.aborted === true ? error : failedLink(error, hosts, index + 1, connectors.length);
    }
    hosts.push(last);
    onOpened?.(last, index + 1);
  }
  return ownedHost(last, stack.move());
}

/** The same error with the place of the link in the chain: the one that was being opened, unless an earlier one broke meanwhile. */
function failedLink(error: unknown, hosts: readonly Host[], opening: number, count: number): unknown {
  if (!CodedError.is(error)) return error;
  const broken = hosts.findIndex((host, index) => index > 0 && host.description === error.context['link']);
  const position = broken === -1 ? opening : broken;
  return new CodedError({
    code: error.code,
    message: `Link ${position} of ${count}: ${error.message}`,
    retry: error.retry,
    context: { ...error.context, position },
    cause: error.cause,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
