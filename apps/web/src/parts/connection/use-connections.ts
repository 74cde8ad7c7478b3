import type { Connection } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';

/** All connections, and how a chain of them is called. */
export function useConnections() {
  const { t } = useTranslation();
  const { data } = useQuery(orpc.connections.list.queryOptions());
  const find = (id: string): Connection | undefined => data?.find((connection) => connection.id === id);
  const connectionName = (id: string): string => find(id)?.name ?? (data === undefined ? '…' : t('chain.gone'));
  return {
    connections: data,
    find,
    connectionName,
    /** `Bastion → Database container`; an empty chain is the Holdfast machine. */
    chainWords: (chain: readonly string[]): string => (chain.length === 0 ? t('chain.here') : chain.map(connectionName).join(' → ')),
  };
}
