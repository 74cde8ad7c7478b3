import type { Backup } from '@holdfast/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { orpc } from '../../api/client.ts';

/** The backup of the address, which the page around the tab has loaded. */
export function useBackup(): Backup {
  const { backupId } = useParams({ from: '/inside/backups/$backupId' });
  return useSuspenseQuery(orpc.backups.get.queryOptions({ input: { id: backupId } })).data;
}
