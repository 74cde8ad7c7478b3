import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

export interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  readonly action?: ReactNode;
  /** It is all that the page holds. */
  readonly alone?: boolean;
}

/** What stands where nothing is yet, and what to do about that. */
export function EmptyState({ icon: Icon, title, text, action, alone = false }: EmptyStateProps) {
  return (
    <div className={classes['empty']}>
      <span className={classes['icon']}>
        <Icon size={22} aria-hidden="true" />
      </span>
      {alone ? <h1 className={classes['title']}>{title}</h1> : <h2 className={classes['title']}>{title}</h2>}
      <p className={classes['text']}>{text}</p>
      {action}
    </div>
  );
}
