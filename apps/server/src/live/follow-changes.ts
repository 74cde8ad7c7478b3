import type { Change } from '@holdfast/contract';
import type { RequestContext } from '../http/request-context.ts';
import { Mailbox } from './mailbox.ts';
import { whileAllowed } from './while-allowed.ts';

/** What changes from now on, each thing once however often it changed meanwhile. Ends with the session or the server. */
export async function* followChanges(context: RequestContext, gone: AbortSignal | undefined): AsyncGenerator<Change, void, void> {
  using allowed = whileAllowed(context, gone);
  const { signal } = allowed;
  const mailbox = new Mailbox<Change>((change) => `${change.noun} ${change.id}`);
  const leave = context.services.control.changes.listen((change) => mailbox.put(change));
  try {
    while (!signal.aborted) yield* await mailbox.take(60_000, signal);
  } finally {
    leave();
  }
}
