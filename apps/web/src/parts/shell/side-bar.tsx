import { Archive, Database, FileClock, LayoutDashboard, Settings, Waypoints } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../brand.tsx';
import { AccountMenu } from './account-menu.tsx';
import { NavigationLink } from './navigation-link.tsx';
import classes from './side-bar.module.css';

export interface SideBarProps {
  readonly connected: boolean;
  /** In the drawer, which has a head of its own. */
  readonly bare?: boolean;
}

/** The ways to go. */
export function SideBar({ connected, bare = false }: SideBarProps) {
  const { t } = useTranslation();
  return (
    <div className={classes['bar']} data-bare={bare || undefined}>
      {bare ? null : (
        <div className={classes['brand']}>
          <Brand />
        </div>
      )}
      <nav aria-label={t('shell.navigation')} className={classes['links']}>
        <NavigationLink to="/" icon={LayoutDashboard} label={t('shell.overview')} exact />
        <NavigationLink to="/backups" icon={Archive} label={t('shell.backups')} />
        <NavigationLink to="/storage-servers" icon={Database} label={t('shell.storageServers')} />
        <NavigationLink to="/connections" icon={Waypoints} label={t('shell.connections')} />
        <NavigationLink to="/reports" icon={FileClock} label={t('shell.reports')} />
        <NavigationLink to="/admin" icon={Settings} label={t('shell.admin')} />
      </nav>
      <div className={classes['foot']}>
        {connected ? null : (
          <p className={classes['lost']} role="status">
            <span className={classes['lostDot']} aria-hidden="true" />
            {t('shell.reconnecting')}
          </p>
        )}
        <AccountMenu />
      </div>
    </div>
  );
}
