import { useQuery } from '@tanstack/react-query';
import { orpc } from '../api/client.ts';

/** Names of things that records tell by id only. */
export function useNames() {
  const { data: servers } = useQuery(orpc.storageServers.list.queryOptions());
  const { data: backups } = useQuery(orpc.backups.list.queryOptions());
  return {
    storageName: (id: string): string => servers?.find((server) => server.id === id)?.name ?? id.slice(0, 8),
    backupName: (id: string): string => backups?.find((backup) => backup.id === id)?.config.name ?? id.slice(0, 8),
    servers: servers ?? [],
    backups: backups ?? [],
  };
}
