import type { Backup } from '@holdfast/contract';
import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { PageLoading } from '../page-loading.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { passwordChange } from '../source/source-fields.tsx';
import { BackupFields } from './backup-fields.tsx';
import { cleanConfig, defaultConfig } from './default-config.ts';

export interface BackupFormProps {
  readonly onCreated: (backup: Backup) => void;
}

/** Defines a new backup. */
export function BackupForm({ onCreated }: BackupFormProps) {
  const { data: state } = useQuery(orpc.account.setupState.queryOptions({ staleTime: Number.POSITIVE_INFINITY }));
  const { data: servers } = useQuery(orpc.storageServers.list.queryOptions());
  if (state === undefined || servers === undefined) return <PageLoading />;
  return <LoadedForm timeZone={state.defaultTimeZone} storageServerIds={servers.slice(0, 1).map(({ id }) => id)} onCreated={onCreated} />;
}

function LoadedForm(props: BackupFormProps & { readonly timeZone: string; readonly storageServerIds: readonly string[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [config, setConfig] = useState(() => defaultConfig(props.timeZone, props.storageServerIds));
  const [password, setPassword] = useState<string | null | undefined>();
  const create = useMutation(
    orpc.backups.create.mutationOptions({
      onSuccess: async (backup) => {
        queries.setQueryData(orpc.backups.get.queryKey({ input: { id: backup.id } }), backup);
        await queries.invalidateQueries({ queryKey: orpc.backups.list.key() });
        props.onCreated(backup);
      },
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ config: cleanConfig(config), ...passwordChange(config.source, { isSet: false, value: password }) });
      }}
    >
      <Stack gap="lg">
        <BackupFields
          value={config}
          onChange={setConfig}
          password={{ isSet: false, value: password, onChange: setPassword }}
          error={create.error}
        />
        <ProblemAlert error={create.error} />
        <Group>
          <Button type="submit" loading={create.isPending}>
            {t('config.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
