import type { ChainVerdict } from '@holdfast/contract';
import { CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../callout.tsx';
import { formatDuration } from '../format.ts';
import classes from './chain.module.css';
import { HostKeyNote } from './host-key-note.tsx';

export interface ChainTestResultProps {
  /** What the links that were tried are called, in their order. */
  readonly names: readonly string[];
  readonly verdict: ChainVerdict;
  /** Pins the key that a link shows; links are counted from 1. `isReplaced`: in place of the pinned ones. */
  readonly onPin: (position: number, key: string, isReplaced: boolean) => void;
  readonly isPinning: boolean;
}

/** How far a chain got, link by link, and what helps. */
export function ChainTestResult({ names, verdict, onPin, isPinning }: ChainTestResultProps) {
  const { t } = useTranslation();
  const { links, failed } = verdict;
  return (
    <section className={classes['result']} aria-label={t('chain.result')}>
      <ol className={classes['steps']}>
        {names.map((name, index) => {
          const reached = links[index];
          const state = reached !== undefined ? 'reached' : failed?.position === index + 1 ? 'failed' : 'waiting';
          const Icon = state === 'reached' ? CircleCheck : state === 'failed' ? CircleX : CircleDashed;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a connection may be in a chain twice
            <li key={index} className={classes['step']} data-state={state}>
              <Icon size={18} aria-hidden="true" />
              <span className={classes['stepWords']}>{name}</span>
              <span className={classes['state']}>
                {reached !== undefined
                  ? t('chain.reached', { time: formatDuration(reached.milliseconds) })
                  : t(state === 'failed' ? 'chain.failed' : 'chain.notTried')}
              </span>
            </li>
          );
        })}
      </ol>
      {failed === null ? (
        <Callout tone="good" icon={CircleCheck} role="status" title={t('chain.works')}>
          {t('chain.worksText', { system: verdict.system ?? '' })}
        </Callout>
      ) : failed.shownKey !== null ? (
        <HostKeyNote
          key={failed.shownKey}
          failed={failed}
          isPinning={isPinning}
          onPin={(key, isReplaced) => onPin(failed.position, key, isReplaced)}
        />
      ) : (
        <Callout tone="bad" icon={CircleX} role="alert" title={failed.message}>
          {failed.hint === null ? null : <div>{failed.hint}</div>}
          <small>{failed.code}</small>
        </Callout>
      )}
    </section>
  );
}
