import { type ReactNode, useId } from 'react';
import classes from './panel.module.css';

export interface PanelProps {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** Lets a table reach the edges. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A group of things that belong together. */
export function Panel({ title, description, actions, flush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className={classes['panel']} {...(title === undefined ? {} : { 'aria-labelledby': id })}>
      {title === undefined ? null : (
        <div className={classes['head']}>
          <div className={classes['words']}>
            <h2 className={classes['title']} id={id}>
              {title}
            </h2>
            {description === undefined ? null : <p className={classes['description']}>{description}</p>}
          </div>
          {actions === undefined ? null : <div className={classes['actions']}>{actions}</div>}
        </div>
      )}
      <div className={classes['body']} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}
