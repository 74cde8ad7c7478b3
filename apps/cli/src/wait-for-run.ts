import type { ApiClient, RunDetails } from '@holdfast/contract';
import { exitCodes } from './exit-codes.ts';
import type { RunContext } from './run-context.ts';
import { terminalText } from './terminal-text.ts';

/** Shows a run as it goes, until it has ended; the exit code says how. */
export async function waitForRun(context: RunContext, api: ApiClient, id: string): Promise<void> {
  let run: RunDetails;
  do {
    for await (const event of await api.runs.events({ id }, { signal: context.signal })) {
      context.message({ message_type: event.type, ...event });
      if (event.type === 'log') {
        if (event.level === 'info') context.say(terminalText(event.text));
        else context.warn(terminalText(event.text));
      } else {
        const { step, bytesDone: done, bytesTotal } = event;
        context.progress.update({ step, done, total: bytesTotal ?? undefined, bytes: true });
      }
    }
    // A server that stops ends its streams too.
    run = await api.runs.get({ id });
  } while (run.state !== 'ended');
  context.message({ message_type: 'summary', run });
  context.say(`The run ${run.outcome}`);
  for (const reason of run.reasons) context.say(`  ${terminalText(reason)}`);
  if (run.outcome === 'partial') context.exitCode = exitCodes.incomplete;
  else if (run.outcome !== 'succeeded') context.exitCode = exitCodes.failed;
}
