import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from './empty-state.tsx';
import { LinkButton } from './link-button.tsx';

/** For addresses that lead nowhere. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <main>
      <EmptyState
        alone
        icon={Compass}
        title={t('shell.notFound')}
        text={t('shell.notFoundText')}
        action={
          <LinkButton to="/" variant="default">
            {t('shell.toOverview')}
          </LinkButton>
        }
      />
    </main>
  );
}
