import type { Health } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { Status } from './status.tsx';
import type { Tone } from './tone.ts';

export const healthTones: Record<Health, Tone> = {
  healthy: 'good',
  warning: 'warn',
  unproven: 'warn',
  overdue: 'bad',
  failing: 'bad',
  paused: 'idle',
  new: 'info',
};

/** The health of a backup in a word. */
export function HealthStatus({ health }: { readonly health: Health }) {
  const { t } = useTranslation();
  return <Status tone={healthTones[health]}>{t(`health.${health}`)}</Status>;
}
