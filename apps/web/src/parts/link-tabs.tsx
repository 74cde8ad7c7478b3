import type { ReactNode } from 'react';
import classes from './link-tabs.module.css';

/** Links to the parts of a page, as a row that scrolls on a phone. The links are its children. */
export function LinkTabs({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav aria-label={label} className={classes['tabs']}>
      {children}
    </nav>
  );
}
