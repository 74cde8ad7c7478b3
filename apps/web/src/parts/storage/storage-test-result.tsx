import type { ReportedError } from '@holdfast/contract';
import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../callout.tsx';
import { formatBytes } from '../format.ts';

export interface StorageTestResultProps {
  readonly result: {
    readonly ok: boolean;
    readonly holdsRepository: boolean;
    readonly freeBytes: number | null;
    readonly error: ReportedError | null;
  };
}

/** What a try of a place has shown. */
export function StorageTestResult({ result }: StorageTestResultProps) {
  const { t } = useTranslation();
  if (!result.ok)
    return (
      <Callout tone="bad" icon={CircleAlert} role="alert" title={result.error?.message ?? t('storage.testFailed')}>
        {result.error?.hint}
      </Callout>
    );
  const free = result.freeBytes === null ? '' : t('storage.freeThere', { free: formatBytes(result.freeBytes) });
  if (result.holdsRepository)
    return (
      <Callout tone="info" icon={Info} role="status" title={t('storage.holdsRepository')}>
        {t('storage.holdsRepositoryText')} {free}
      </Callout>
    );
  return (
    <Callout tone="good" icon={CircleCheck} role="status" title={t('storage.testOk')}>
      {free}
    </Callout>
  );
}
