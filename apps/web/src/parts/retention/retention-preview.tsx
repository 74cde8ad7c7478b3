import type { RetentionPolicy, RetentionVerdict } from '@holdfast/contract';
import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Scissors } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { DataTable } from '../data-table.tsx';
import { EmptyState } from '../empty-state.tsx';
import { formatDate, formatDateTime } from '../format.ts';
import { PageLoading } from '../page-loading.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { Status } from '../status.tsx';
import { useNames } from '../use-names.ts';
import classes from './retention.module.css';

export interface RetentionPreviewProps {
  readonly backupId: string;
  readonly storageServerIds: readonly string[];
  /** None: the policy that is stored. */
  readonly retention?: RetentionPolicy;
  readonly timeZone: string;
}

/** What a policy does with each snapshot that is there, by which rule, and until when. */
export function RetentionPreview({ backupId, storageServerIds, retention, timeZone }: RetentionPreviewProps) {
  const { t } = useTranslation();
  const { storageName } = useNames();
  const [chosen, setChosen] = useState<string | null>(null);
  const storageServerId = chosen ?? storageServerIds[0] ?? '';
  const query = useQuery(
    orpc.backups.previewRetention.queryOptions({
      input: { id: backupId, storageServerId, ...(retention === undefined ? {} : { retention }) },
      enabled: storageServerId !== '',
      placeholderData: keepPreviousData,
    }),
  );
  const verdicts = query.data?.toSorted((one, other) => other.timeMs - one.timeMs);
  const kept = verdicts?.filter(({ keep }) => keep).length ?? 0;
  return (
    <>
      <div className={classes['tools']}>
        {storageServerIds.length > 1 ? (
          <NativeSelect
            label={t('retention.on')}
            value={storageServerId}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={storageServerIds.map((id) => ({ value: id, label: storageName(id) }))}
          />
        ) : null}
        {verdicts === undefined ? null : (
          <p className={classes['lead']} role="status">
            {t('retention.summary', { kept, removed: verdicts.length - kept })}
          </p>
        )}
      </div>
      <ProblemAlert error={query.error} />
      {query.isPending && query.isFetching ? <PageLoading /> : null}
      {verdicts?.length === 0 ? <EmptyState icon={Scissors} title={t('retention.none')} text={t('retention.noneText')} /> : null}
      {verdicts !== undefined && verdicts.length > 0 ? (
        <DataTable<RetentionVerdict>
          label={t('retention.preview')}
          rows={verdicts}
          rowKey={({ id }) => id}
          columns={[
            { key: 'time', header: t('retention.snapshot'), cell: ({ timeMs }) => formatDateTime(timeMs, timeZone) },
            {
              key: 'verdict',
              header: t('retention.verdict'),
              cell: ({ keep }) => <Status tone={keep ? 'good' : 'warn'}>{keep ? t('retention.keep') : t('retention.remove')}</Status>,
            },
            { key: 'rule', header: t('retention.rule'), cell: ({ rule }) => rule },
            {
              key: 'until',
              header: t('retention.until'),
              hide: 'phone',
              line: true,
              cell: ({ keep, untilMs }) => (untilMs === null ? (keep ? t('retention.open') : '–') : formatDate(untilMs)),
            },
          ]}
        />
      ) : null}
    </>
  );
}
