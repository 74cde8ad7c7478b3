import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { sayDone, sayProblem } from '../../parts/say.ts';

/** What one can do with a backup wherever it is shown. */
export function useBackupDeeds() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const changed = async (): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: orpc.backups.key() }),
      queries.invalidateQueries({ queryKey: orpc.runs.key() }),
      queries.invalidateQueries({ queryKey: orpc.overview.get.key() }),
    ]);
  };
  const run = useMutation(orpc.backups.run.mutationOptions({ onSuccess: changed, onError: sayProblem }));
  const setPaused = useMutation(
    orpc.backups.setPaused.mutationOptions({
      onSuccess: async (backup) => {
        sayDone(backup.paused ? t('backups.isPaused') : t('backups.isResumed'));
        await changed();
      },
      onError: sayProblem,
    }),
  );
  return { run, setPaused, changed };
}
