import { Button, NativeSelect } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type ReportsSearch, reportsSearch, runKinds, runOutcomes, runStates } from '../../app/reports-search.ts';
import { Page } from '../../parts/page.tsx';
import { type RunFilter, RunPages } from '../../parts/run/run-pages.tsx';
import { useNames } from '../../parts/use-names.ts';
import classes from './reports.module.css';

const route = getRouteApi('/inside/reports');

/** All runs, by what one looks for. The filters are in the address. */
export function ReportsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { backups, servers } = useNames();
  const filter = (field: keyof ReportsSearch, options: readonly { readonly value: string; readonly label: string }[]) => (
    <NativeSelect
      size="sm"
      label={t(`reports.by.${field}`)}
      value={search[field] ?? ''}
      onChange={(event) => {
        const value = event.currentTarget.value;
        void navigate({ search: (before) => reportsSearch({ ...before, [field]: value }), replace: true });
      }}
      data={[{ value: '', label: t('reports.any') }, ...options]}
    />
  );
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  return (
    <Page title={t('shell.reports')}>
      <search className={classes['filters']} aria-label={t('reports.filters')}>
        {filter(
          'outcome',
          runOutcomes.map((value) => ({ value, label: t(`run.outcome.${value}`) })),
        )}
        {filter(
          'kind',
          runKinds.map((value) => ({ value, label: t(`run.kind.${value}`) })),
        )}
        {filter(
          'state',
          runStates.map((value) => ({ value, label: t(`run.state.${value}`) })),
        )}
        {filter(
          'backup',
          backups.map(({ id, config }) => ({ value: id, label: config.name })),
        )}
        {filter(
          'storage',
          servers.map(({ id, name }) => ({ value: id, label: name })),
        )}
        {isFiltered ? (
          <Button variant="subtle" color="gray" onClick={() => void navigate({ search: {}, replace: true })}>
            {t('reports.clear')}
          </Button>
        ) : null}
      </search>
      <RunPages filter={filterOf(search)} />
    </Page>
  );
}

function filterOf({ kind, outcome, state, backup, storage }: ReportsSearch): RunFilter {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(state === undefined ? {} : { state }),
    ...(backup === undefined ? {} : { backupId: backup }),
    ...(storage === undefined ? {} : { storageServerId: storage }),
  };
}
