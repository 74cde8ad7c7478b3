import type { LogEntry } from '@holdfast/contract';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '../format.ts';
import { visibleName } from '../visible-name.ts';
import classes from './run.module.css';

const nearPixels = 48;

/** Lines of a log. It stays at its end while lines come in, unless somebody reads further up. */
export function LogView({ entries, follow }: { readonly entries: readonly LogEntry[]; readonly follow: boolean }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const count = entries.length;
  useEffect(() => {
    if (follow && atEnd.current && count > 0) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [count, follow]);
  return (
    <div
      ref={box}
      className={classes['log']}
      role="log"
      aria-label={t('run.log')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be within reach of the keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < nearPixels;
      }}
    >
      {count === 0 ? <p className={classes['logNone']}>{t('run.noLog')}</p> : null}
      {entries.map((entry) => (
        <div key={entry.seq} className={classes['logLine']} data-level={entry.level}>
          <time dateTime={new Date(entry.atMs).toISOString()}>{formatTime(entry.atMs)}</time>
          <span>
            {entry.level === 'info' ? null : <b>{t(`run.level.${entry.level}`)} </b>}
            {entry.text.split('\n').map(visibleName).join('\n')}
          </span>
        </div>
      ))}
    </div>
  );
}
