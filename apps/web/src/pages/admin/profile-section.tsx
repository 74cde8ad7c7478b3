import type { User } from '@holdfast/contract';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { sayDone } from '../../parts/say.ts';

/** Name and address. */
export function ProfileSection() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: me } = useSuspenseQuery(orpc.account.me.queryOptions());
  const [name, setName] = useState(me.name);
  const [email, setEmail] = useState(me.email);
  const update = useMutation(
    orpc.account.updateMe.mutationOptions({
      onSuccess: (user: User) => {
        queries.setQueryData(orpc.account.me.queryKey(), user);
        sayDone(t('admin.profileSaved'));
      },
    }),
  );
  return (
    <Panel title={t('admin.profile')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate({ name, email });
        }}
      >
        <Stack gap="md" maw={440}>
          <TextInput
            label={t('account.name')}
            autoComplete="name"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(update.error, 'name')}
          />
          <TextInput
            label={t('account.email')}
            type="email"
            autoComplete="email"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={fieldError(update.error, 'email')}
          />
          <ProblemAlert error={update.error} />
          <Group>
            <Button type="submit" loading={update.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
