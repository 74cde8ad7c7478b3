import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { Menu } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveChanges } from '../../api/use-live-changes.ts';
import { Brand } from '../brand.tsx';
import classes from './shell.module.css';
import { SideBar } from './side-bar.tsx';

/** Side bar and page; on a phone a bar above it and a drawer. */
export function Shell() {
  const { t } = useTranslation();
  const { connected } = useLiveChanges();
  const [opened, drawer] = useDisclosure(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const close = drawer.close;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the address changes
  useEffect(() => close(), [pathname, close]);
  return (
    <div className={classes['shell']}>
      <a className={classes['skip']} href="#page">
        {t('shell.skip')}
      </a>
      <aside className={classes['side']}>
        <SideBar connected={connected} />
      </aside>
      <header className={classes['top']}>
        <button type="button" className={classes['burger']} onClick={drawer.open} aria-label={t('shell.menu')} aria-expanded={opened}>
          <Menu size={20} aria-hidden="true" />
        </button>
        <Brand />
      </header>
      <Drawer opened={opened} onClose={drawer.close} size={272} title={<Brand />} closeButtonProps={{ 'aria-label': t('shell.closeMenu') }}>
        <SideBar connected={connected} bare />
      </Drawer>
      <main id="page" className={classes['main']} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
