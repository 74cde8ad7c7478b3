import type { SourceFindings as Findings } from '@holdfast/contract';
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../callout.tsx';
import { DataTable } from '../data-table.tsx';
import { Facts } from '../facts.tsx';
import { formatBytes } from '../format.ts';
import { Status } from '../status.tsx';
import { visibleName } from '../visible-name.ts';
import classes from './source.module.css';

/** What a look at a source has found. */
export function SourceFindings({ findings }: { readonly findings: Findings }) {
  const { t } = useTranslation();
  const { place, server, tools, contents, problems, missing } = findings;
  const isBlocked = problems.some(({ blocking }) => blocking);
  return (
    <section className={classes['findings']} aria-label={t('look.result')}>
      <div className={classes['inner']}>
        <Callout
          tone={isBlocked ? 'bad' : 'good'}
          icon={isBlocked ? CircleAlert : CircleCheck}
          role={isBlocked ? 'alert' : 'status'}
          title={isBlocked ? t('look.blocked') : t('look.good')}
        />
        {problems.map(({ blocking, message, hint }) => (
          <Callout key={message} tone={blocking ? 'bad' : 'warn'} icon={blocking ? CircleAlert : TriangleAlert} title={message}>
            {hint}
          </Callout>
        ))}
        {missing.length === 0 ? null : (
          <Callout
            tone="info"
            icon={Info}
            title={t('look.missing', { names: missing.map((name) => name.replaceAll('-', ' ')).join(', ') })}
          />
        )}
        <Facts
          items={[
            { label: t('look.place'), value: place, wide: true },
            ...(server === null ? [] : [{ label: t('look.server'), value: server }]),
            ...(tools.length === 0
              ? []
              : [{ label: t('look.tools'), value: tools.map(({ name, version }) => `${name} ${version}`.trim()).join(', '), wide: true }]),
          ]}
        />
      </div>
      {contents.length === 0 ? (
        <p className={classes['note']} style={{ padding: '0 20px 10px' }}>
          {t('look.nothing')}
        </p>
      ) : (
        <DataTable<Findings['contents'][number]>
          label={t('look.result')}
          rows={contents}
          rowKey={({ name }) => name}
          columns={[
            { key: 'name', header: t('look.name'), cell: ({ name }) => <bdi>{visibleName(name)}</bdi> },
            {
              key: 'size',
              header: t('look.size'),
              align: 'end',
              cell: ({ sizeBytes }) => (sizeBytes === null ? '–' : formatBytes(sizeBytes)),
            },
            {
              key: 'taken',
              header: t('look.taken'),
              width: '90px',
              cell: ({ selected }) => (
                <Status tone={selected ? 'good' : 'idle'}>{selected ? t('look.isTaken') : t('look.isNotTaken')}</Status>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}
