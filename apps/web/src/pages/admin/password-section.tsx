import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { sayDone } from '../../parts/say.ts';

const empty = { current: '', next: '', again: '' };

/** Another password. */
export function PasswordSection() {
  const { t } = useTranslation();
  const [form, setForm] = useState(empty);
  const change = useMutation(
    orpc.account.changePassword.mutationOptions({
      onSuccess: () => {
        setForm(empty);
        sayDone(t('admin.passwordChanged'));
      },
    }),
  );
  const differs = form.again !== '' && form.again !== form.next;
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => setForm({ ...form, [name]: event.currentTarget.value }),
    required: true,
    withAsterisk: false,
    visibilityToggleButtonProps: { 'aria-label': t('account.show') },
  });
  return (
    <Panel title={t('admin.password')} description={t('admin.passwordText')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (form.next === form.again) change.mutate({ current: form.current, next: form.next });
        }}
      >
        <Stack gap="md" maw={440}>
          <PasswordInput
            label={t('admin.current')}
            autoComplete="current-password"
            {...field('current')}
            error={fieldError(change.error, 'current')}
          />
          <PasswordInput
            label={t('admin.next')}
            description={t('account.passwordHint')}
            autoComplete="new-password"
            minLength={12}
            {...field('next')}
            error={fieldError(change.error, 'next')}
          />
          <PasswordInput
            label={t('admin.nextAgain')}
            autoComplete="new-password"
            {...field('again')}
            error={differs ? t('admin.differs') : undefined}
          />
          <ProblemAlert error={change.error} />
          <Group>
            <Button type="submit" loading={change.isPending} disabled={differs}>
              {t('admin.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
