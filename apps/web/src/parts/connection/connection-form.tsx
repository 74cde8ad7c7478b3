import type { Connection, ConnectionOptions } from '@holdfast/contract';
import { Button, Group, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { ChainTestResult } from '../chain/chain-test-result.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { type ConnectionDraft, cleanOptions, newOptions, newSecrets, secretChanges, withPin } from './connection-draft.ts';
import { DockerFields } from './docker-fields.tsx';
import { HostKeyState } from './host-key-state.tsx';
import { SshFields } from './ssh-fields.tsx';
import { useConnections } from './use-connections.ts';

export interface ConnectionFormProps {
  /** The one that is changed; none: a new one. */
  readonly base?: Connection;
  /** The connections that lead to the place before it, for testing. */
  readonly through: readonly string[];
  readonly onStored: (connection: Connection) => void;
}

const kinds = ['ssh', 'docker'] as const;

/** Where a connection leads to and how it signs in, tried before it is kept. */
export function ConnectionForm({ base, through, onStored }: ConnectionFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { find, connectionName } = useConnections();
  const [draft, setDraft] = useState<ConnectionDraft>(() => ({
    name: base?.name ?? '',
    options: base?.options ?? newOptions('ssh'),
    secrets: {},
  }));
  const stored = {
    onSuccess: async (connection: Connection) => {
      queries.setQueryData(orpc.connections.get.queryKey({ input: { id: connection.id } }), connection);
      await queries.invalidateQueries({ queryKey: orpc.connections.list.key() });
      setDraft({ name: connection.name, options: connection.options, secrets: {} });
      onStored(connection);
    },
  };
  const create = useMutation(orpc.connections.create.mutationOptions(stored));
  const update = useMutation(orpc.connections.update.mutationOptions(stored));
  const pinKept = useMutation(
    orpc.connections.update.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: orpc.connections.key() });
        tryIt(draft.options);
      },
    }),
  );
  const test = useMutation(orpc.connections.test.mutationOptions());
  const saveError = base === undefined ? create.error : update.error;
  const error = saveError ?? test.error;
  const errorOf = (field: string): string | undefined =>
    fieldError(saveError, field) ?? fieldError(test.error, `candidate.${field}`) ?? fieldError(test.error, field);
  const tryIt = (options: ConnectionOptions): void =>
    test.mutate({
      chain: [...through],
      candidate: {
        ...(base === undefined ? {} : { id: base.id }),
        options: cleanOptions(options),
        secrets: secretChanges(draft.secrets),
      },
    });
  /** What was found out before is not true of it any more. */
  const change = (next: ConnectionDraft): void => {
    test.reset();
    setDraft(next);
  };
  const pin = (position: number, key: string, isReplaced: boolean): void => {
    if (position > through.length) {
      const options = withPin(draft.options, key, isReplaced);
      setDraft({ ...draft, options });
      tryIt(options);
      return;
    }
    const kept = find(through[position - 1] ?? '');
    if (kept !== undefined) pinKept.mutate({ id: kept.id, options: withPin(kept.options, key, isReplaced) });
  };
  const { options } = draft;
  const fields = {
    secrets: draft.secrets,
    onSecrets: (secrets: ConnectionDraft['secrets']) => change({ ...draft, secrets }),
    stored: base?.secrets ?? [],
    errorOf,
  };
  const set = (next: ConnectionOptions): void => change({ ...draft, options: next });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // It may stand in a dialog of another form.
        event.stopPropagation();
        test.reset();
        const { name } = draft;
        if (base === undefined) create.mutate({ name, options: cleanOptions(options), secrets: newSecrets(draft.secrets) });
        else update.mutate({ id: base.id, name, options: cleanOptions(options), secrets: secretChanges(draft.secrets) });
      }}
    >
      <Stack gap="md">
        <TextInput
          label={t('connections.name')}
          placeholder={t('connections.namePlaceholder')}
          required
          withAsterisk={false}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          error={errorOf('name')}
        />
        {base === undefined ? (
          <SegmentedControl
            aria-label={t('connections.kind')}
            value={options.kind}
            onChange={(kind) => change({ ...draft, options: newOptions(kind === 'docker' ? 'docker' : 'ssh'), secrets: {} })}
            data={kinds.map((kind) => ({ value: kind, label: t(`connections.kinds.${kind}`) }))}
          />
        ) : null}
        {options.kind === 'ssh' ? <SshFields value={options} onChange={set} {...fields} /> : null}
        {options.kind === 'docker' ? <DockerFields value={options} onChange={set} {...fields} /> : null}
        {options.kind === 'ssh' ? <HostKeyState options={options} /> : null}
        {test.data === undefined ? null : (
          <ChainTestResult
            names={[...through.map(connectionName), draft.name === '' ? t('connections.new') : draft.name]}
            verdict={test.data}
            isPinning={test.isPending || pinKept.isPending}
            onPin={pin}
          />
        )}
        <ProblemAlert error={error ?? pinKept.error} />
        <Group gap="xs">
          <Button type="submit" loading={create.isPending || update.isPending}>
            {base === undefined ? t('connections.create') : t('action.save')}
          </Button>
          <Button
            variant="default"
            leftSection={<PlugZap size={15} aria-hidden="true" />}
            loading={test.isPending}
            onClick={() => tryIt(options)}
          >
            {t('chain.test')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
