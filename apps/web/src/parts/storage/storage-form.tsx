import type { StorageServer } from '@holdfast/contract';
import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { DirectoryField } from '../directory/directory-field.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { StorageTestResult } from './storage-test-result.tsx';

export interface StorageFormProps {
  readonly submit: string;
  readonly onCreated: (server: StorageServer) => void;
}

/** A new storage server: where, tried before it is made. */
export function StorageForm({ submit, onCreated }: StorageFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: proposal } = useQuery(orpc.storageServers.proposal.queryOptions({ staleTime: Number.POSITIVE_INFINITY }));
  const [name, setName] = useState(t('storage.proposedName'));
  const [typedPath, setPath] = useState<string | null>(null);
  const [password, setPassword] = useState('');
  const path = typedPath ?? proposal?.path ?? '';
  const options = { driver: 'local', path } as const;
  const test = useMutation(orpc.storageServers.test.mutationOptions());
  const create = useMutation(
    orpc.storageServers.create.mutationOptions({
      onSuccess: async (server) => {
        queries.setQueryData(orpc.storageServers.get.queryKey({ input: { id: server.id } }), server);
        await queries.invalidateQueries({ queryKey: orpc.storageServers.list.key() });
        onCreated(server);
      },
    }),
  );
  const tried = test.variables?.options;
  const tested = test.data !== undefined && tried?.driver === 'local' && tried.path === path ? test.data : undefined;
  const adopt = tested?.holdsRepository ?? false;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ name, options, adopt, ...(adopt ? { password } : {}) });
      }}
    >
      <Stack gap="md">
        <TextInput
          label={t('storage.name')}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(create.error, 'name')}
        />
        <DirectoryField
          label={t('storage.directory')}
          description={t('storage.directoryHint')}
          required
          value={path}
          onChange={setPath}
          error={fieldError(create.error, 'options') ?? fieldError(test.error, 'options')}
        />
        {adopt ? (
          <PasswordInput
            label={t('storage.repositoryPassword')}
            description={t('storage.repositoryPasswordHint')}
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={fieldError(create.error, 'password')}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': t('account.show') }}
          />
        ) : null}
        {tested === undefined ? null : <StorageTestResult result={tested} />}
        <ProblemAlert error={create.error ?? test.error} />
        <Group gap="xs">
          <Button type="submit" loading={create.isPending} disabled={path === ''}>
            {adopt ? t('storage.adopt') : submit}
          </Button>
          <Button
            variant="default"
            leftSection={<PlugZap size={15} aria-hidden="true" />}
            loading={test.isPending}
            disabled={path === ''}
            onClick={() => test.mutate({ options })}
          >
            {t('storage.test')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
