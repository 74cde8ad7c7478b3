import { Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, KeyRound, LogOut, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import classes from './side-bar.module.css';

/** Who is signed in, how the page looks, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: me } = useQuery(orpc.account.me.queryOptions({ staleTime: 60_000 }));
  const signOut = useMutation(
    orpc.account.signOut.mutationOptions({
      onSettled: async () => {
        await navigate({ to: '/sign-in', search: { next: undefined } });
        queries.clear();
      },
    }),
  );
  return (
    <Menu position="top-start" width={232}>
      <Menu.Target>
        <button type="button" className={classes['account']}>
          <span className={classes['face']} aria-hidden="true">
            {(me?.name ?? '').trim().slice(0, 1).toLocaleUpperCase()}
          </span>
          <span className={classes['who']}>
            <span>{me?.name}</span>
            <span className={classes['mail']}>{me?.email}</span>
          </span>
          <ChevronsUpDown size={14} aria-hidden="true" style={{ marginLeft: 'auto', flex: 'none' }} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('shell.appearance')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          m={4}
          aria-label={t('shell.appearance')}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={[
            { value: 'auto', label: t('shell.system') },
            { value: 'light', label: t('shell.light') },
            { value: 'dark', label: t('shell.dark') },
          ]}
        />
        <Menu.Divider />
        <Menu.Item component={Link} to="/admin" leftSection={<UserRound size={15} />}>
          {t('shell.profile')}
        </Menu.Item>
        <Menu.Item component={Link} to="/admin/password" leftSection={<KeyRound size={15} />}>
          {t('shell.password')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => signOut.mutate(undefined)}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
