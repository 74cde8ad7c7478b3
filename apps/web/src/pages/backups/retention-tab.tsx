import { useTranslation } from 'react-i18next';
import { Panel } from '../../parts/panel.tsx';
import { RetentionPreview } from '../../parts/retention/retention-preview.tsx';
import { useBackup } from './use-backup.ts';

/** What becomes of each snapshot. */
export function RetentionTab() {
  const { t } = useTranslation();
  const { id, config } = useBackup();
  return (
    <Panel title={t('retention.preview')} description={t('retention.previewText')} flush>
      <RetentionPreview backupId={id} storageServerIds={config.storageServerIds} timeZone={config.timeZone} />
    </Panel>
  );
}
