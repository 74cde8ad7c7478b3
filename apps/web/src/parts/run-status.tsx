import type { RunOutcome, RunState } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { Status } from './status.tsx';
import type { Tone } from './tone.ts';

const outcomeTones: Record<RunOutcome, Tone> = {
  succeeded: 'good',
  partial: 'warn',
  failed: 'bad',
  cancelled: 'idle',
  interrupted: 'bad',
  missed: 'warn',
};

/** Where a run is, or how it ended. */
export function RunStatus({ state, outcome }: { readonly state: RunState; readonly outcome: RunOutcome | null }) {
  const { t } = useTranslation();
  if (state === 'running')
    return (
      <Status tone="info" moving>
        {t('run.state.running')}
      </Status>
    );
  if (state === 'queued' || outcome === null) return <Status tone="idle">{t('run.state.queued')}</Status>;
  return <Status tone={outcomeTones[outcome]}>{t(`run.outcome.${outcome}`)}</Status>;
}
