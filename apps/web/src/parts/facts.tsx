import type { ReactNode } from 'react';
import classes from './facts.module.css';

export interface FactsProps {
  readonly items: readonly { readonly label: string; readonly value: ReactNode; readonly note?: ReactNode }[];
}

/** Names and what they are. */
export function Facts({ items }: FactsProps) {
  return (
    <dl className={classes['facts']}>
      {items.map(({ label, value, note }) => (
        <div key={label} className={classes['fact']}>
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
