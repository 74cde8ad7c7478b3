import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import { ownedHost } from '@holdfast/connect/owned-host';
import type { CallOptions, Host } from '@holdfast/connect/port';
import type { ChainLink } from '@holdfast/contract';
import { linkConnector } from './link-connector.ts';

export interface OpenLinksOptions extends CallOptions {
  /** Hears of this machine, and of the place behind each link as it is reached. They are good until the chain is disposed of. */
  readonly onPlace?: (place: Host) => void;
}

/**
 * The place that a chain leads to from this machine; this machine itself where there are no links. Disposing of it closes all of it. Rejects
 * with the error of the link that failed, which its context names.
 */
export async function openLinks(links: readonly ChainLink[], options: OpenLinksOptions = {}): Promise<Host> {
  const { onPlace, ...callOptions } = options;
  await using stack = new AsyncDisposableStack();
  const start = stack.use(new LocalHost());
  onPlace?.(start);
  const host = stack.use(await openChain(start, links.map(linkConnector), { ...callOptions, onOpened: (place) => onPlace?.(place) }));
  return ownedHost(host, stack.move());
}
