import type { StorageStatus } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { Status } from '../status.tsx';

/** Whether a storage server can be reached. */
export function StorageHealth({ status }: { readonly status: StorageStatus }) {
  const { t } = useTranslation();
  if (status.reachable === null) return <Status tone="idle">{t('storage.unknown')}</Status>;
  return <Status tone={status.reachable ? 'good' : 'bad'}>{status.reachable ? t('storage.reachable') : t('storage.unreachable')}</Status>;
}
