import type { ReactNode } from 'react';
import classes from './status.module.css';
import type { Tone } from './tone.ts';

export interface StatusProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  /** It is happening now. */
  readonly moving?: boolean;
}

/** A dot and a word: the word alone says it all. */
export function Status({ tone, children, moving = false }: StatusProps) {
  return (
    <span className={classes['status']} data-tone={tone}>
      <span className={classes['dot']} data-moving={moving || undefined} aria-hidden="true" />
      {children}
    </span>
  );
}
