import type { ReactNode } from 'react';
import classes from './named.module.css';

/** A name with quieter words below it. */
export function Named({ name, children }: { readonly name: ReactNode; readonly children?: ReactNode }) {
  return (
    <div className={classes['named']}>
      <div className={classes['name']}>{name}</div>
      {children === undefined || children === null ? null : <div className={classes['below']}>{children}</div>}
    </div>
  );
}
