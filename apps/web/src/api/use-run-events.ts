import type { RunProgress } from '@holdfast/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { client, orpc } from './client.ts';
import { pause } from './pause.ts';

const retryMs = 2_000;

/**
 * Follows a run while it works: its latest progress, and a number that grows with each line of its log. Every open stream holds one of the
 * few connections that a browser gives a server, so follow few runs at a time.
 */
export function useRunEvents(runId: string, follow: boolean): { progress: RunProgress | null; logLines: number } {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<RunProgress | null>(null);
  const [logLines, setLogLines] = useState(0);
  useEffect(() => {
    if (!follow) return undefined;
    const ended = new AbortController();
    const listen = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        try {
          for await (const event of await client.runs.events({ id: runId }, { signal: ended.signal })) {
            if (event.type === 'progress') setProgress(event);
            else setLogLines((lines) => lines + 1);
          }
        } catch {
          // A stream that broke is opened again below; the run itself is asked for too, and reports what is wrong.
        }
        if (ended.signal.aborted) return;
        await queries.invalidateQueries({ queryKey: orpc.runs.get.key({ input: { id: runId } }) });
        await pause(retryMs, ended.signal);
      }
    };
    void listen();
    return () => ended.abort();
  }, [runId, follow, queries]);
  return { progress, logLines };
}
