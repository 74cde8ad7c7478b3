import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../../parts/visible-name.ts';
import classes from './files.module.css';

/** The way down to a directory, each step a way back. */
export function PathCrumbs({ path, onPath }: { readonly path: string; readonly onPath: (path: string) => void }) {
  const { t } = useTranslation();
  const names = path.split('/').filter((name) => name !== '');
  return (
    <nav aria-label={t('files.path')} className={classes['crumbs']}>
      <button type="button" onClick={() => onPath('/')} aria-current={names.length === 0 ? 'location' : undefined}>
        {t('files.root')}
      </button>
      {names.map((name, index) => {
        const to = `/${names.slice(0, index + 1).join('/')}`;
        return (
          <Fragment key={to}>
            <span aria-hidden="true">/</span>
            <button type="button" onClick={() => onPath(to)} aria-current={index === names.length - 1 ? 'location' : undefined}>
              <bdi>{visibleName(name)}</bdi>
            </button>
          </Fragment>
        );
      })}
    </nav>
  );
}
