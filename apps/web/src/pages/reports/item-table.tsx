import type { ItemProblem } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../parts/data-table.tsx';
import { formatNumber } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { visibleName } from '../../parts/visible-name.ts';
import classes from './reports.module.css';

/** Entries with which something was wrong. Their names are shown as text, never as anything else. */
export function ItemTable({ items, count }: { readonly items: readonly ItemProblem[]; readonly count: number }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('run.items', { count, items: formatNumber(count) })} flush>
      <DataTable<{ item: ItemProblem; index: number }>
        label={t('run.itemList')}
        rows={items.map((item, index) => ({ item, index }))}
        rowKey={({ index }) => String(index)}
        columns={[
          {
            key: 'path',
            header: t('run.path'),
            cell: ({ item }) => <bdi className={classes['mono']}>{visibleName(item.path)}</bdi>,
          },
          { key: 'kind', header: t('run.itemKind'), hide: 'phone', line: true, cell: ({ item }) => item.kind },
          { key: 'reason', header: t('run.reason'), cell: ({ item }) => item.reason },
        ]}
      />
      {count > items.length ? <p className={classes['note']}>{t('run.itemsShown', { shown: formatNumber(items.length) })}</p> : null}
    </Panel>
  );
}
