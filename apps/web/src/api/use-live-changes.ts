import type { Change } from '@holdfast/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { client, orpc } from './client.ts';
import { pause } from './pause.ts';

const gatherMs = 250;
const pollMs = 15_000;
const longestPauseMs = 30_000;

/** Keeps what is shown true: asks again for what the server says has changed, and for everything now and then while it cannot say so. */
export function useLiveChanges(): { connected: boolean } {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const ended = new AbortController();
    const changed = new Set<Change['noun']>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = (): void => {
      timer = undefined;
      const keys = new Set([...changed].flatMap(keysOf));
      changed.clear();
      for (const key of keys) void queries.invalidateQueries({ queryKey: key });
    };
    const follow = async (): Promise<void> => {
      let failures = 0;
      while (!ended.signal.aborted) {
        try {
          const changes = await client.overview.changes(undefined, { signal: ended.signal });
          if (failures > 0) void queries.invalidateQueries();
          failures = 0;
          setConnected(true);
          for await (const change of changes) {
            changed.add(change.noun);
            timer ??= setTimeout(flush, gatherMs);
          }
        } catch {
          // The reason shows in the side bar as "reconnecting"; the queries themselves report what they cannot get.
          failures += 1;
        }
        if (ended.signal.aborted) return;
        if (failures > 1) setConnected(false);
        await pause(failures === 0 ? 500 : Math.min(longestPauseMs, 1_000 * 2 ** Math.min(failures, 6)), ended.signal);
      }
    };
    void follow();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [queries]);
  useEffect(() => {
    if (connected) return undefined;
    const timer = setInterval(() => void queries.invalidateQueries(), pollMs);
    return () => clearInterval(timer);
  }, [connected, queries]);
  return { connected };
}

const lists = {
  overview: orpc.overview.get.key(),
  backups: orpc.backups.key(),
  connections: orpc.connections.key(),
  runs: orpc.runs.key(),
  snapshots: orpc.snapshots.list.key(),
  storageServers: orpc.storageServers.key(),
  notifications: orpc.notifications.key(),
  audit: orpc.overview.audit.key(),
};

function keysOf(noun: Change['noun']): (readonly unknown[])[] {
  switch (noun) {
    case 'backup':
      return [lists.backups, lists.connections, lists.overview, lists.audit];
    case 'connection':
      return [lists.connections, lists.audit];
    case 'run':
      return [lists.runs, lists.backups, lists.overview];
    case 'snapshot':
      return [lists.snapshots, lists.backups, lists.storageServers];
    case 'storage-server':
      return [lists.storageServers, lists.overview, lists.audit];
    case 'notification':
      return [lists.notifications];
    case 'settings':
      return Object.values(lists);
  }
}
