import { LocalHost } from '@holdfast/connect/local';
import { testChain } from '@holdfast/connect/test-chain';
import type { ChainLink, ChainVerdict } from '@holdfast/contract';
import { linkConnector } from './link-connector.ts';

/** For how long each link may take to open when a person waits for it. */
const patienceMs = 30_000;

/** Goes over a chain link by link and says how far it gets. Rejects only when it was cancelled, or for a link that can be none. */
export async function tryLinks(links: readonly ChainLink[], signal: AbortSignal): Promise<ChainVerdict> {
  await using start = new LocalHost();
  const verdict = await testChain(start, links.map(linkConnector), { signal, timeoutMs: patienceMs });
  const reached = verdict.links.map(({ description, milliseconds }) => ({ description, milliseconds }));
  if (verdict.works) return { works: true, links: reached, system: verdict.system, failed: null };
  const { position, code, message, hint, context } = verdict.failed;
  return {
    works: false,
    links: reached,
    system: null,
    failed: {
      position,
      code,
      message,
      hint: hint ?? null,
      shownKey: textOf(context['shownKey']),
      shownFingerprint: textOf(context['shown']),
      pinnedFingerprints: textOf(context['pinned']),
    },
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
