import { type ReactNode, useEffect } from 'react';
import { Brand } from '../../parts/brand.tsx';
import classes from './account.module.css';

/** The page of people who are not signed in: one card. */
export function AccountFrame({ title, text, children }: { readonly title: string; readonly text: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Holdfast`;
  }, [title]);
  return (
    <main className={classes['frame']}>
      <div className={classes['card']}>
        <Brand />
        <h1 className={classes['title']}>{title}</h1>
        <p className={classes['text']}>{text}</p>
        {children}
      </div>
    </main>
  );
}
