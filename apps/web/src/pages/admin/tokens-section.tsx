import type { ApiToken } from '@holdfast/contract';
import { Button, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { Ago } from '../../parts/ago.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { formatDate } from '../../parts/format.ts';
import { Named } from '../../parts/named.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import classes from './admin.module.css';
import { NewToken } from './new-token.tsx';

/** Tokens for programs. */
export function TokensSection() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [doomed, setDoomed] = useState<ApiToken | null>(null);
  const { data, error } = useQuery(orpc.account.listTokens.queryOptions());
  const revoke = useMutation(
    orpc.account.deleteToken.mutationOptions({
      onSuccess: async () => {
        setDoomed(null);
        await queries.invalidateQueries({ queryKey: orpc.account.listTokens.key() });
      },
    }),
  );
  return (
    <Stack gap="lg">
      <NewToken />
      <Panel title={t('admin.tokens')} flush>
        <ProblemAlert error={error} />
        {data?.length === 0 ? <p className={classes['note']}>{t('admin.noTokens')}</p> : null}
        {data === undefined || data.length === 0 ? null : (
          <DataTable<ApiToken>
            label={t('admin.tokens')}
            rows={data}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'name',
                header: t('admin.tokenName'),
                cell: ({ name, scope }) => <Named name={name}>{t(`admin.scope.${scope}`)}</Named>,
              },
              {
                key: 'used',
                header: t('admin.lastUsed'),
                hide: 'phone',
                cell: ({ lastUsedMs }) => <Ago ms={lastUsedMs} otherwise={t('backups.never')} />,
              },
              { key: 'until', header: t('admin.expires'), line: true, cell: ({ expiresMs }) => formatDate(expiresMs) },
              {
                key: 'revoke',
                quiet: true,
                header: t('admin.revoke'),
                align: 'end',
                cell: (token) => (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => setDoomed(token)}
                    aria-label={t('admin.revokeToken', { name: token.name })}
                  >
                    {t('admin.revoke')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Panel>
      <ConfirmDialog
        opened={doomed !== null}
        title={t('admin.revokeTitle', { name: doomed?.name ?? '' })}
        confirm={t('admin.revoke')}
        danger
        pending={revoke.isPending}
        error={revoke.error}
        onConfirm={() => (doomed === null ? undefined : revoke.mutate({ id: doomed.id }))}
        onClose={() => setDoomed(null)}
      >
        {t('admin.revokeText')}
      </ConfirmDialog>
    </Stack>
  );
}
