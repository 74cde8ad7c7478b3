import type { PushReport } from '@holdfast/contract';
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { visibleName } from '../../parts/visible-name.ts';
import classes from './reports.module.css';

/** What a restore put into a server, and what it has to say about that. */
export function PushPanels({ report: { restored, notes } }: { readonly report: PushReport }) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      {restored.length === 0 ? null : (
        <Panel title={t('figure.restored')} flush>
          <DataTable<PushReport['restored'][number]>
            label={t('figure.restored')}
            rows={restored}
            rowKey={({ path }) => path}
            columns={[
              { key: 'path', header: t('push.name'), cell: ({ path }) => <bdi className={classes['mono']}>{visibleName(path)}</bdi> },
              { key: 'as', header: t('push.as'), cell: ({ as }) => <bdi className={classes['mono']}>{visibleName(as)}</bdi> },
            ]}
          />
        </Panel>
      )}
      {notes.length === 0 ? null : (
        <Panel title={t('run.notes')}>
          <ul className={classes['reasons']}>
            {notes.map((note, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a report that never changes
              <li key={index}>{note}</li>
            ))}
          </ul>
        </Panel>
      )}
    </Stack>
  );
}
