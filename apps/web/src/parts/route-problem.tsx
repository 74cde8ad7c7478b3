import { Button } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './problem-alert.tsx';

/** A page that could not be shown, and why. */
export function RouteProblem({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const again = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <div style={{ maxWidth: 560, margin: '12vh auto', padding: 16, display: 'grid', gap: 16 }}>
      <ProblemAlert error={error} />
      <Button variant="default" onClick={again}>
        {t('shell.again')}
      </Button>
    </div>
  );
}
