import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './callout.module.css';
import type { Tone } from './tone.ts';

export interface CalloutProps {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly role?: 'alert' | 'status';
}

/** A few words that must not be missed. */
export function Callout({ tone, icon: Icon, title, children, action, role }: CalloutProps) {
  return (
    <div className={classes['callout']} data-tone={tone} role={role}>
      <Icon size={18} aria-hidden="true" className={classes['icon']} />
      <div className={classes['body']}>
        <div className={classes['title']}>{title}</div>
        {children === undefined || children === null ? null : <div className={classes['text']}>{children}</div>}
      </div>
      {action === undefined ? null : <div className={classes['action']}>{action}</div>}
    </div>
  );
}
