import { Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { LinkTabs } from '../../parts/link-tabs.tsx';
import { Page } from '../../parts/page.tsx';

/** What is about the one who is signed in, and about all of Holdfast. */
export function AdminPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('shell.admin')}>
      <LinkTabs label={t('shell.admin')}>
        <Link to="/admin" activeOptions={{ exact: true }}>
          {t('admin.profile')}
        </Link>
        <Link to="/admin/password">{t('admin.password')}</Link>
        <Link to="/admin/telegram">{t('admin.telegram')}</Link>
        <Link to="/admin/tokens">{t('admin.tokens')}</Link>
        <Link to="/admin/audit">{t('admin.audit')}</Link>
      </LinkTabs>
      <Outlet />
    </Page>
  );
}
