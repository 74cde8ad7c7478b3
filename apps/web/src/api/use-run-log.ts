import type { LogEntry } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { client, orpc } from './client.ts';

const pageLines = 1000;

/** The log of a run, asked for only from where the last answer ended. `lines` is the count of lines announced so far. */
export function useRunLog(runId: string, working: boolean) {
  return useQuery({
    queryKey: orpc.runs.log.key({ input: { id: runId } }),
    queryFn: async ({ signal, client: queries, queryKey }) => {
      const entries: LogEntry[] = [...(queries.getQueryData<LogEntry[]>(queryKey) ?? [])];
      for (;;) {
        const more = await client.runs.log({ id: runId, afterSeq: entries.at(-1)?.seq ?? -1, limit: pageLines }, { signal });
        entries.push(...more);
        if (more.length < pageLines) return entries;
      }
    },
    refetchInterval: working ? 3_000 : false,
  });
}
