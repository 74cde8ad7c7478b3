import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../api/problem.ts';
import { Callout } from './callout.tsx';

export interface ProblemAlertProps {
  /** What a call threw; nothing is shown for null. */
  readonly error: unknown;
  readonly title?: string;
}

/** A failure of a call: what failed, what to do about it, and the words to search for. */
export function ProblemAlert({ error, title }: ProblemAlertProps) {
  const { t } = useTranslation();
  if (error === null || error === undefined) return null;
  const problem = problemOf(error);
  const message = problem.status === 0 ? t('problem.noAnswer') : problem.message;
  return (
    <Callout tone="bad" icon={CircleAlert} role="alert" title={title ?? message}>
      {title === undefined ? null : <div>{message}</div>}
      {problem.status === 0 ? <div>{t('problem.noAnswerHint')}</div> : null}
      {problem.hint === null ? null : <div>{problem.hint}</div>}
      {problem.requestId === null ? null : <small>{t('problem.reference', { code: problem.code, requestId: problem.requestId })}</small>}
    </Callout>
  );
}
