import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import type { CallOptions, Host } from '@holdfast/connect/port';
import type { ChainLink } from '@holdfast/contract';
import { linkConnector } from './link-connector.ts';

/**
 * The place that a chain leads to from this machine; this machine itself where there are no links. Disposing of it closes all of it. Rejects
 * with the error of the link that failed, which its context names.
 */
export async function openLinks(links: readonly ChainLink[], options: CallOptions = {}): Promise<Host> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await openChain(stack.use(new LocalHost()), links.map(linkConnector), options));
  const owned = stack.move();
  return {
    description: host.description,
    exec: async (command, call) => await host.exec(command, call),
    dial: async (address, call) => await host.dial(address, call),
    explain: (command) => host.explain(command),
    [Symbol.asyncDispose]: async () => await owned[Symbol.asyncDispose](),
  };
}
