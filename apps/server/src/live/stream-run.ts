import type { RunEvent } from '@holdfast/contract';
import { followRun } from '@holdfast/control';
import type { RequestContext } from '../http/request-context.ts';
import { whileAllowed } from './while-allowed.ts';

/** The log of a run so far and its progress, then both as they come. Ends with the run, with the session or with the server. */
export async function* streamRun(context: RequestContext, id: string, gone: AbortSignal | undefined): AsyncGenerator<RunEvent, void, void> {
  using allowed = whileAllowed(context, gone);
  yield* followRun(context.services.control, id, allowed.signal);
}
