import type { SshOptions } from '@holdfast/contract';
import { Fingerprint } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../callout.tsx';

/** Whether a key of the host is pinned, without which nothing goes over the connection. */
export function HostKeyState({ options }: { readonly options: SshOptions }) {
  const { t } = useTranslation();
  const count = options.hostKeys.filter((key) => key.trim() !== '').length;
  if (count > 0) return <Callout tone="idle" icon={Fingerprint} title={t('connections.pinned', { count })} />;
  return (
    <Callout tone="info" icon={Fingerprint} title={t('connections.notPinned')}>
      {t('connections.notPinnedText')}
    </Callout>
  );
}
