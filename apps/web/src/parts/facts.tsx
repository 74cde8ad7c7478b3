import type { ReactNode } from 'react';
import classes from './facts.module.css';

export interface FactsProps {
  readonly items: readonly { readonly label: string; readonly value: ReactNode; readonly note?: ReactNode; readonly wide?: boolean }[];
}

/** Names and what they are. */
export function Facts({ items }: FactsProps) {
  return (
    <dl className={classes['facts']}>
      {items.map(({ label, value, note, wide }) => (
        <div key={label} className={classes['fact']} data-wide={wide || undefined}>
          <dt>{label}</dt>
          <dd>
            {value}
            {note === undefined || note === null ? null : <span className={classes['note']}>{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
