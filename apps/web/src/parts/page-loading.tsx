import { Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Stands where a page will be. */
export function PageLoading() {
  const { t } = useTranslation();
  return (
    <div style={{ display: 'grid', placeItems: 'center', minHeight: 240 }}>
      <Loader type="dots" role="status" aria-label={t('shell.loading')} />
    </div>
  );
}
