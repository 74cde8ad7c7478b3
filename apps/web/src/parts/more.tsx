import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import classes from './more.module.css';

export interface MoreProps {
  readonly label: string;
  /** Opens it whatever was chosen: something in it needs to be seen. */
  readonly opened?: boolean;
  readonly children: ReactNode;
}

/** What is seldom needed, behind a line that opens it. */
export function More({ label, opened = false, children }: MoreProps) {
  const [asked, setAsked] = useState(false);
  return (
    <details className={classes['more']} open={asked || opened} onToggle={(event) => setAsked(event.currentTarget.open)}>
      <summary className={classes['line']}>
        <ChevronRight size={15} aria-hidden="true" className={classes['arrow']} />
        {label}
      </summary>
      <div className={classes['content']}>{children}</div>
    </details>
  );
}
