import { useTranslation } from 'react-i18next';
import { formatBytes } from '../format.ts';
import classes from './space-bar.module.css';

/** How full a place is, as far as that is known. */
export function SpaceBar({ usedBytes, freeBytes }: { readonly usedBytes: number | null; readonly freeBytes: number | null }) {
  const { t } = useTranslation();
  if (usedBytes === null) return <span>–</span>;
  const words =
    freeBytes === null ? formatBytes(usedBytes) : t('storage.usedAndFree', { used: formatBytes(usedBytes), free: formatBytes(freeBytes) });
  const share = freeBytes === null || usedBytes + freeBytes === 0 ? 0 : usedBytes / (usedBytes + freeBytes);
  return (
    <div className={classes['space']}>
      <span>{words}</span>
      {freeBytes === null ? null : (
        <span className={classes['track']} aria-hidden="true">
          <span className={classes['fill']} data-tight={share > 0.9 || undefined} style={{ width: `${Math.max(1, share * 100)}%` }} />
        </span>
      )}
    </div>
  );
}
