import type { Overview } from '@holdfast/contract';
import { KeyRound, Rocket, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../../parts/callout.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import classes from './overview.module.css';

/** What somebody has to do something about. */
export function Warnings({ overview }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  const backups = Object.values(overview.backups).reduce((sum, count) => sum + count, 0);
  const shows = backups === 0 || overview.recoveryKeysNotTaken > 0 || overview.storageServersUnreachable > 0;
  if (!shows) return null;
  return (
    <div className={classes['warnings']}>
      {backups > 0 ? null : (
        <Callout
          tone="info"
          icon={Rocket}
          title={t('overview.begin')}
          action={
            <LinkButton to="/welcome" search={{ step: undefined }} size="xs">
              {t('overview.beginAction')}
            </LinkButton>
          }
        >
          {t('overview.beginText')}
        </Callout>
      )}
      {overview.recoveryKeysNotTaken === 0 ? null : (
        <Callout
          tone="warn"
          icon={KeyRound}
          title={t('overview.keys', { count: overview.recoveryKeysNotTaken })}
          action={
            <LinkButton to="/storage-servers" size="xs" variant="default">
              {t('overview.keysAction')}
            </LinkButton>
          }
        >
          {t('overview.keysText')}
        </Callout>
      )}
      {overview.storageServersUnreachable === 0 ? null : (
        <Callout
          tone="bad"
          icon={Unplug}
          title={t('overview.storageDown', { count: overview.storageServersUnreachable })}
          action={
            <LinkButton to="/storage-servers" size="xs" variant="default">
              {t('overview.storageDownAction')}
            </LinkButton>
          }
        >
          {t('overview.storageDownText')}
        </Callout>
      )}
    </div>
  );
}
