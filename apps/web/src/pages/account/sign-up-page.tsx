import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { AccountFrame } from './account-frame.tsx';

const route = getRouteApi('/sign-up');

/** The first visitor makes the administrator's account. */
export function SignUpPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const search = route.useSearch();
  const { data: state } = useQuery(orpc.account.setupState.queryOptions());
  const [form, setForm] = useState({ name: '', email: '', password: '', token: search.token ?? '' });
  const setUp = useMutation(
    orpc.account.setUp.mutationOptions({
      onSuccess: (user) => {
        queries.clear();
        queries.setQueryData(orpc.account.me.queryKey(), user);
        void navigate({ to: '/welcome', search: { step: undefined } });
      },
    }),
  );
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget;
      setForm((before) => ({ ...before, [name]: value }));
    },
    error: fieldError(setUp.error, name),
    required: true,
    withAsterisk: false,
  });
  return (
    <AccountFrame title={t('account.signUp')} text={t('account.signUpText')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { token, ...rest } = form;
          setUp.mutate(state?.needsToken ? { ...rest, token: token.trim() } : rest);
        }}
      >
        <Stack gap="md">
          <ProblemAlert error={setUp.error} />
          {state?.needsToken ? (
            <TextInput
              label={t('account.token')}
              description={t('account.tokenHint')}
              autoComplete="one-time-code"
              spellCheck={false}
              {...field('token')}
            />
          ) : null}
          <TextInput label={t('account.name')} autoComplete="name" {...field('name')} />
          <TextInput label={t('account.email')} type="email" autoComplete="username" {...field('email')} />
          <PasswordInput
            label={t('account.password')}
            description={t('account.passwordHint')}
            autoComplete="new-password"
            minLength={12}
            visibilityToggleButtonProps={{ 'aria-label': t('account.show') }}
            {...field('password')}
          />
          <Button type="submit" fullWidth size="md" loading={setUp.isPending}>
            {t('account.create')}
          </Button>
        </Stack>
      </form>
    </AccountFrame>
  );
}
