import type { StorageServer } from '@holdfast/contract';
import { Button, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { DirectoryField } from '../../parts/directory/directory-field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { sayDone } from '../../parts/say.ts';
import classes from './storage-servers.module.css';

/** Name, place and care of a storage server. */
export function StorageSettings({ server }: { readonly server: StorageServer }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState(server.name);
  // The places of other drivers are changed by the API.
  const knownPath = server.options.driver === 'local' ? server.options.path : null;
  const [path, setPath] = useState(knownPath);
  const [maintenance, setMaintenance] = useState(server.maintenance);
  const update = useMutation(
    orpc.storageServers.update.mutationOptions({
      onSuccess: async () => {
        sayDone(t('storage.saved'));
        await queries.invalidateQueries({ queryKey: orpc.storageServers.key() });
      },
    }),
  );
  const days = (field: 'checkEveryDays' | 'pruneEveryDays') => ({
    label: t(`storage.${field}`),
    placeholder: t('storage.neverByItself'),
    suffix: ` ${t('storage.days')}`,
    min: 1,
    max: 365,
    allowDecimal: false,
    value: maintenance[field] ?? '',
    onChange: (value: string | number) => setMaintenance({ ...maintenance, [field]: value === '' ? null : Number(value) }),
    error: fieldError(update.error, `maintenance.${field}`),
  });
  return (
    <Panel title={t('storage.settings')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const moved = path === null || path === knownPath ? {} : { options: { driver: 'local', path } as const };
          update.mutate({ id: server.id, name, maintenance, ...moved });
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('storage.name')}
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(update.error, 'name')}
          />
          {path === null ? null : (
            <DirectoryField
              label={t('storage.directory')}
              description={t('storage.movedHint')}
              required
              value={path}
              onChange={setPath}
              error={fieldError(update.error, 'options')}
            />
          )}
          <div className={classes['care']}>
            <NumberInput {...days('checkEveryDays')} />
            <NumberInput
              label={t('storage.readDataPercent')}
              suffix=" %"
              min={0}
              max={100}
              value={maintenance.readDataPercent}
              onChange={(value) => setMaintenance({ ...maintenance, readDataPercent: Number(value) })}
              error={fieldError(update.error, 'maintenance.readDataPercent')}
            />
            <NumberInput {...days('pruneEveryDays')} />
          </div>
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
