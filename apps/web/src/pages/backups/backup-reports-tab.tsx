import { RunPages } from '../../parts/run/run-pages.tsx';
import { useBackup } from './use-backup.ts';

/** All runs of a backup. */
export function BackupReportsTab() {
  const backup = useBackup();
  return <RunPages filter={{ backupId: backup.id }} />;
}
