import { Button, Group, Loader, Modal } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CornerLeftUp, Folder } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { ProblemAlert } from '../problem-alert.tsx';
import { visibleName } from '../visible-name.ts';
import classes from './directory.module.css';

export interface DirectoryPickerProps {
  readonly opened: boolean;
  /** Where to begin; the root if that is no path. */
  readonly start: string;
  readonly onChoose: (path: string) => void;
  readonly onClose: () => void;
}

/** Walks through the directories of the server's machine. */
export function DirectoryPicker({ opened, start, onChoose, onClose }: DirectoryPickerProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState('/');
  useEffect(() => {
    if (opened) setPath(start.startsWith('/') ? start : '/');
  }, [opened, start]);
  const query = useQuery(
    orpc.overview.directory.queryOptions({ input: { path }, enabled: opened, placeholderData: keepPreviousData, retry: false }),
  );
  const listing = query.data;
  const parent = listing?.parent ?? (path === '/' ? null : parentOf(path));
  return (
    <Modal opened={opened} onClose={onClose} title={t('directory.title')} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes['here']}>
        <span className={classes['path']}>{path}</span>
        {query.isFetching ? <Loader size="xs" aria-label={t('shell.loading')} /> : null}
      </div>
      {query.isError ? <ProblemAlert error={query.error} /> : null}
      <ul className={classes['list']} aria-label={t('directory.inside', { path })}>
        {parent === null ? null : (
          <li>
            <button type="button" className={classes['row']} onClick={() => setPath(parent)}>
              <CornerLeftUp size={16} aria-hidden="true" />
              {t('directory.up')}
            </button>
          </li>
        )}
        {query.isError
          ? null
          : listing?.directories.map((name) => (
              <li key={name}>
                <button type="button" className={classes['row']} onClick={() => setPath(join(listing.path, name))}>
                  <Folder size={16} aria-hidden="true" />
                  {visibleName(name)}
                </button>
              </li>
            ))}
        {listing?.directories.length === 0 && !query.isError ? <li className={classes['none']}>{t('directory.none')}</li> : null}
      </ul>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button onClick={() => onChoose(path)} disabled={query.isError}>
          {t('directory.choose')}
        </Button>
      </Group>
    </Modal>
  );
}

function join(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.replace(/\/+$/, '').lastIndexOf('/')));
}
