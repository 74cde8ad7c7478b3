import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Step, steps } from './steps.ts';
import classes from './welcome.module.css';

/** Where one is on the way. Steps that are done can be gone back to. */
export function StepList({ current, open }: { readonly current: Step; readonly open: Step }) {
  const { t } = useTranslation();
  const reached = steps.indexOf(open);
  return (
    <ol className={classes['steps']} aria-label={t('welcome.steps')}>
      {steps.map((step, index) => {
        const done = index < reached;
        const mark = done && step !== current ? <Check size={13} strokeWidth={3} aria-hidden="true" /> : index + 1;
        const words = (
          <>
            <span className={classes['mark']}>{mark}</span>
            {t(`welcome.step.${step}`)}
          </>
        );
        return (
          <li key={step} data-done={done || undefined} data-current={step === current || undefined}>
            {step === 'account' || index > reached ? (
              <span className={classes['step']}>{words}</span>
            ) : (
              <Link to="/welcome" search={{ step }} className={classes['step']} aria-current={step === current ? 'step' : undefined}>
                {words}
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}
