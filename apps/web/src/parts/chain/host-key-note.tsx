import type { ChainVerdict } from '@holdfast/contract';
import { Button, Checkbox } from '@mantine/core';
import { Fingerprint, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../callout.tsx';
import classes from './chain.module.css';

export interface HostKeyNoteProps {
  readonly failed: NonNullable<ChainVerdict['failed']>;
  readonly isPinning: boolean;
  /** `isReplaced`: in place of the keys that are pinned. */
  readonly onPin: (key: string, isReplaced: boolean) => void;
}

/** A host shows a key that is not pinned: what to compare before it is. */
export function HostKeyNote({ failed, isPinning, onPin }: HostKeyNoteProps) {
  const { t } = useTranslation();
  const key = failed.shownKey ?? '';
  if (failed.code === 'host-key-changed') return <ChangedKeyNote failed={failed} isPinning={isPinning} onPin={onPin} />;
  return (
    <Callout tone="warn" icon={Fingerprint} role="alert" title={t('chain.newKey')}>
      <div className={classes['key']}>
        <div>{t('chain.newKeyText')}</div>
        <code className={classes['print']}>
          {failed.shownFingerprint} ({key.split(' ')[0]})
        </code>
        <div>{t('chain.newKeyCompare')}</div>
        <code className={classes['print']}>{lookCommand(key)}</code>
        <div>
          <Button size="xs" loading={isPinning} onClick={() => onPin(key, false)}>
            {t('chain.pin')}
          </Button>
        </div>
      </div>
    </Callout>
  );
}

function ChangedKeyNote({ failed, isPinning, onPin }: HostKeyNoteProps) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const [isSure, setSure] = useState(false);
  const key = failed.shownKey ?? '';
  return (
    <Callout tone="bad" icon={ShieldAlert} role="alert" title={t('chain.changedKey')}>
      <div className={classes['key']}>
        <div>{t('chain.changedKeyText')}</div>
        <dl className={classes['prints']}>
          <dt>{t('chain.pinnedIs')}</dt>
          <dd className={classes['print']}>{failed.pinnedFingerprints}</dd>
          <dt>{t('chain.shownIs')}</dt>
          <dd className={classes['print']}>{failed.shownFingerprint}</dd>
        </dl>
        <div>{t('chain.newKeyCompare')}</div>
        <code className={classes['print']}>{lookCommand(key)}</code>
        {isAsking ? (
          <>
            <Checkbox label={t('chain.replaceKnow')} checked={isSure} onChange={(event) => setSure(event.currentTarget.checked)} />
            <div>
              <Button size="xs" color="red.9" disabled={!isSure} loading={isPinning} onClick={() => onPin(key, true)}>
                {t('chain.replaceNow')}
              </Button>
            </div>
          </>
        ) : (
          <div>
            <Button size="xs" variant="default" c="var(--hf-bad)" onClick={() => setAsking(true)}>
              {t('chain.replacePin')}
            </Button>
          </div>
        )}
      </div>
    </Callout>
  );
}

/** What says the fingerprint on the host itself. */
function lookCommand(key: string): string {
  const kind = /ed25519|ecdsa|rsa/.exec(key)?.[0] ?? '*';
  return `ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub`;
}
