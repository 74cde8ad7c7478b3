import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { AccountFrame } from './account-frame.tsx';

const route = getRouteApi('/sign-in');

/** Lets people in. */
export function SignInPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const router = useRouter();
  const { next } = route.useSearch();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation(
    orpc.account.signIn.mutationOptions({
      onSuccess: (user) => {
        queries.clear();
        queries.setQueryData(orpc.account.me.queryKey(), user);
        // Only ways within this page: an address that names another host must lead nowhere.
        if (next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\')) router.history.push(next);
        else void router.navigate({ to: '/' });
      },
    }),
  );
  return (
    <AccountFrame title={t('account.signIn')} text={t('account.signInText')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate({ email, password });
        }}
      >
        <Stack gap="md">
          <ProblemAlert error={signIn.error} />
          <TextInput
            label={t('account.email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={fieldError(signIn.error, 'email')}
          />
          <PasswordInput
            label={t('account.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={fieldError(signIn.error, 'password')}
            visibilityToggleButtonProps={{ 'aria-label': t('account.show') }}
          />
          <Button type="submit" fullWidth size="md" loading={signIn.isPending}>
            {t('account.signIn')}
          </Button>
        </Stack>
      </form>
    </AccountFrame>
  );
}
