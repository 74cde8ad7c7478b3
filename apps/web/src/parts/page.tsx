import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import classes from './page.module.css';

export interface PageProps {
  readonly title: string;
  /** Beside the title. */
  readonly badge?: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly above?: { readonly to: '/backups' | '/storage-servers' | '/connections' | '/reports'; readonly label: string };
  readonly narrow?: boolean;
  readonly children: ReactNode;
}

/** The frame of every page inside: way back, title, actions, content. */
export function Page({ title, badge, subtitle, actions, above, narrow = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Holdfast`;
  }, [title]);
  return (
    <div className={classes['page']} data-narrow={narrow || undefined}>
      <header className={classes['head']}>
        <div className={classes['words']}>
          {above === undefined ? null : (
            <div className={classes['above']}>
              <Link to={above.to}>{above.label}</Link>
              <ChevronRight size={13} aria-hidden="true" />
            </div>
          )}
          <div className={classes['titleLine']}>
            <h1 className={classes['title']}>{title}</h1>
            {badge}
          </div>
          {subtitle === undefined || subtitle === null ? null : <div className={classes['subtitle']}>{subtitle}</div>}
        </div>
        {actions === undefined ? null : <div className={classes['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
