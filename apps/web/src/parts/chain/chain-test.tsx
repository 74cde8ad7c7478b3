import { Button, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { withPin } from '../connection/connection-draft.ts';
import { useConnections } from '../connection/use-connections.ts';
import { ProblemAlert } from '../problem-alert.tsx';
import { ChainTestResult } from './chain-test-result.tsx';

/** Tries a chain of connections that are kept. A key that is compared here is pinned in its connection. */
export function ChainTest({ chain }: { readonly chain: readonly string[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { find, connectionName } = useConnections();
  const test = useMutation(orpc.connections.test.mutationOptions());
  const pin = useMutation(
    orpc.connections.update.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: orpc.connections.key() });
        test.mutate({ chain: [...chain] });
      },
    }),
  );
  const isOfThis = test.variables?.chain.join() === chain.join();
  return (
    <Stack gap="sm">
      <div>
        <Button
          variant="default"
          leftSection={<PlugZap size={15} aria-hidden="true" />}
          loading={test.isPending}
          disabled={chain.length === 0}
          onClick={() => test.mutate({ chain: [...chain] })}
        >
          {t('chain.testChain')}
        </Button>
      </div>
      <ProblemAlert error={pin.error ?? (isOfThis ? test.error : null)} />
      {test.data === undefined || !isOfThis ? null : (
        <ChainTestResult
          names={chain.map(connectionName)}
          verdict={test.data}
          isPinning={pin.isPending}
          onPin={(position, key, isReplaced) => {
            const connection = find(chain[position - 1] ?? '');
            if (connection !== undefined) pin.mutate({ id: connection.id, options: withPin(connection.options, key, isReplaced) });
          }}
        />
      )}
    </Stack>
  );
}
