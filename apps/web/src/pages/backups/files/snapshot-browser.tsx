import type { Backup, SnapshotEntry, StoredSnapshot } from '@holdfast/contract';
import { Button, Checkbox, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { DatabaseBackup, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../../api/client.ts';
import { DataTable } from '../../../parts/data-table.tsx';
import { formatBytes, formatDateTime, formatNumber } from '../../../parts/format.ts';
import { PageLoading } from '../../../parts/page-loading.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { ProblemAlert } from '../../../parts/problem-alert.tsx';
import { DownloadButton } from './download-button.tsx';
import { EntryName } from './entry-name.tsx';
import classes from './files.module.css';
import { PathCrumbs } from './path-crumbs.tsx';
import { PushDialog } from './push-dialog.tsx';
import { RestoreDialog } from './restore-dialog.tsx';

export interface SnapshotBrowserProps {
  readonly backup: Backup;
  readonly snapshot: StoredSnapshot;
  readonly path: string;
  readonly onPath: (path: string) => void;
}

const rowsAtOnce = 200;

/** A directory of a snapshot: go on, download, choose for restoring. */
export function SnapshotBrowser({ backup, snapshot, path, onPath }: SnapshotBrowserProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [restoring, restore] = useDisclosure(false);
  const [pushing, push] = useDisclosure(false);
  const { driver } = backup.config.source;
  const holdsFiles = driver === 'files' || driver === 'docker-volume';
  const [sought, setSought] = useState('');
  const [rows, setRows] = useState(rowsAtOnce);
  const query = useQuery(
    orpc.snapshots.entries.queryOptions({ input: { id: snapshot.id, path }, staleTime: Number.POSITIVE_INFINITY, retry: false }),
  );
  const all = query.data?.entries;
  const words = sought.trim().toLocaleLowerCase();
  const entries = words === '' ? all : all?.filter(({ name }) => name.toLocaleLowerCase().includes(words));
  const shown = entries?.slice(0, rows) ?? [];
  const toggle = (entry: SnapshotEntry): void => {
    const next = new Set(chosen);
    if (!next.delete(entry.path)) next.add(entry.path);
    setChosen(next);
  };
  return (
    <>
      <Panel flush>
        <div className={classes['bar']}>
          <PathCrumbs path={path} onPath={onPath} />
          <div className={classes['barActions']}>
            {path === '/' ? null : <DownloadButton snapshotId={snapshot.id} path={path} label={t('files.downloadDirectory')} words />}
            {holdsFiles ? null : (
              <Button size="xs" leftSection={<DatabaseBackup size={14} aria-hidden="true" />} onClick={push.open}>
                {t('push.action')}
              </Button>
            )}
            <Button
              size="xs"
              variant={holdsFiles ? 'filled' : 'default'}
              leftSection={<RotateCcw size={14} aria-hidden="true" />}
              onClick={restore.open}
            >
              {chosen.size > 0
                ? t('files.restoreChosen', { count: chosen.size })
                : driver === 'files'
                  ? t('files.restoreAll')
                  : t('push.asFiles')}
            </Button>
          </div>
        </div>
        {query.error === null ? null : (
          <div className={classes['problem']}>
            <ProblemAlert error={query.error} />
          </div>
        )}
        {all !== undefined && all.length > 20 ? (
          <div className={classes['seek']}>
            <TextInput
              type="search"
              size="xs"
              aria-label={t('files.seek')}
              placeholder={t('files.seek')}
              value={sought}
              onChange={(event) => setSought(event.currentTarget.value)}
            />
          </div>
        ) : null}
        {query.isPending ? <PageLoading /> : null}
        {entries?.length === 0 ? (
          <p className={classes['none']}>{all?.length === 0 ? t('files.emptyDirectory') : t('files.noMatch')}</p>
        ) : null}
        {entries !== undefined && entries.length > 0 ? (
          <DataTable<SnapshotEntry>
            label={t('files.inside', { path })}
            rows={shown}
            rowKey={(entry) => entry.path}
            columns={[
              {
                key: 'choose',
                header: (
                  <Checkbox
                    size="xs"
                    aria-label={t('files.chooseAll')}
                    checked={entries.every((entry) => chosen.has(entry.path))}
                    indeterminate={chosen.size > 0 && !entries.every((entry) => chosen.has(entry.path))}
                    onChange={(event) => setChosen(event.currentTarget.checked ? new Set(entries.map((entry) => entry.path)) : new Set())}
                  />
                ),
                width: '48px',
                cell: (entry) => (
                  <Checkbox
                    size="xs"
                    aria-label={t('files.choose', { name: entry.name })}
                    checked={chosen.has(entry.path)}
                    onChange={() => toggle(entry)}
                  />
                ),
              },
              { key: 'name', header: t('files.name'), cell: (entry) => <EntryName entry={entry} onPath={onPath} /> },
              {
                key: 'size',
                header: t('files.size'),
                align: 'end',
                hide: 'phone',
                cell: ({ sizeBytes, type }) => (type !== 'file' || sizeBytes === null ? '–' : formatBytes(sizeBytes)),
              },
              {
                key: 'modified',
                header: t('files.modified'),
                hide: 'phone',
                line: true,
                cell: ({ modifiedMs }) => formatDateTime(modifiedMs),
              },
              {
                key: 'download',
                quiet: true,
                header: t('files.downloads'),
                align: 'end',
                width: '56px',
                cell: ({ type, name, path: entryPath }) =>
                  type === 'file' || type === 'dir' ? (
                    <DownloadButton snapshotId={snapshot.id} path={entryPath} label={t('files.download', { name })} />
                  ) : null,
              },
            ]}
          />
        ) : null}
        {entries !== undefined && entries.length > shown.length ? (
          <p className={classes['none']}>
            <Button variant="default" size="xs" onClick={() => setRows(rows + 5 * rowsAtOnce)}>
              {t('files.showMore', { count: entries.length - shown.length })}
            </Button>
          </p>
        ) : null}
        {query.data?.truncated ? (
          <p className={classes['none']}>{t('files.truncated', { shown: formatNumber(query.data.entries.length) })}</p>
        ) : null}
      </Panel>
      <RestoreDialog
        snapshot={snapshot}
        chain={holdsFiles ? backup.config.chain : []}
        paths={[...chosen]}
        opened={restoring}
        onClose={restore.close}
      />
      {holdsFiles ? null : <PushDialog backup={backup} driver={driver} snapshot={snapshot} opened={pushing} onClose={push.close} />}
    </>
  );
}
