import type { Delivery } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Ago } from '../../parts/ago.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Named } from '../../parts/named.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Status } from '../../parts/status.tsx';
import type { Tone } from '../../parts/tone.ts';
import classes from './admin.module.css';

const tones: Record<Delivery['state'], Tone> = { waiting: 'info', delivered: 'good', failed: 'bad' };

/** The last messages and what became of each. */
export function Deliveries() {
  const { t } = useTranslation();
  const { data, error } = useQuery(orpc.notifications.deliveries.queryOptions());
  return (
    <Panel title={t('admin.deliveries')} flush>
      <ProblemAlert error={error} />
      {data?.length === 0 ? <p className={classes['note']}>{t('admin.noDeliveries')}</p> : null}
      {data === undefined || data.length === 0 ? null : (
        <DataTable<Delivery>
          label={t('admin.deliveries')}
          rows={data}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'what',
              header: t('admin.message'),
              cell: (delivery) => <Named name={delivery.title}>{delivery.error ?? delivery.event}</Named>,
            },
            {
              key: 'state',
              header: t('run.status'),
              cell: (delivery) => <Status tone={tones[delivery.state]}>{t(`admin.delivery.${delivery.state}`)}</Status>,
            },
            { key: 'when', header: t('run.when'), hide: 'phone', cell: ({ createdMs }) => <Ago ms={createdMs} /> },
            { key: 'tries', header: t('admin.attempts'), align: 'end', hide: 'phone', cell: ({ attempts }) => attempts },
            {
              key: 'next',
              header: t('admin.nextAttempt'),
              hide: 'tablet',
              cell: ({ nextAttemptMs, state }) => <Ago ms={state === 'waiting' ? nextAttemptMs : null} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
