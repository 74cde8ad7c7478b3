import type { RequestContext } from '../http/request-context.ts';

const checkEveryMs = 15_000;

/**
 * A signal for a stream: aborted when the reader goes away, when the server stops, or when the session or token that began the stream has ended.
 * A stream alone keeps no session alive.
 */
export function whileAllowed(context: RequestContext, gone: AbortSignal | undefined): { readonly signal: AbortSignal } & Disposable {
  const { services, visit, reportDefect } = context;
  const ended = new AbortController();
  const check = async (): Promise<void> => {
    if ((await services.accounts.identify(visit, 'only looks')) === undefined) ended.abort();
  };
  const timer = setInterval(() => {
    check().catch((error: unknown) => {
      // Whoever cannot be asked for is not let in.
      ended.abort();
      reportDefect(error);
    });
  }, checkEveryMs);
  return {
    signal: AbortSignal.any([ended.signal, services.stopping, ...(gone === undefined ? [] : [gone])]),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
