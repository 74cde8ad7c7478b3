import { Button, Code, CopyButton, Group, NativeSelect, NumberInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { Callout } from '../../parts/callout.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import classes from './admin.module.css';

const scopes = ['read', 'operate', 'admin'] as const;
const usualDays = 365;

/** Makes a token and shows it once. */
export function NewToken() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<(typeof scopes)[number]>('operate');
  const [expiresInDays, setExpires] = useState(usualDays);
  const create = useMutation(
    orpc.account.createToken.mutationOptions({
      onSuccess: () => {
        setName('');
        return queries.invalidateQueries({ queryKey: orpc.account.listTokens.key() });
      },
    }),
  );
  const token = create.data?.token;
  return (
    <Panel title={t('admin.newToken')} description={t('admin.newTokenText')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name, scope, expiresInDays });
        }}
      >
        <Stack gap="md">
          <div className={classes['line']}>
            <TextInput
              label={t('admin.tokenName')}
              required
              withAsterisk={false}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={fieldError(create.error, 'name')}
            />
            <NativeSelect
              label={t('admin.tokenScope')}
              value={scope}
              onChange={(event) => setScope(scopes.find((one) => one === event.currentTarget.value) ?? 'read')}
              data={scopes.map((value) => ({ value, label: t(`admin.scope.${value}`) }))}
            />
            <NumberInput
              label={t('admin.tokenDays')}
              suffix={` ${t('storage.days')}`}
              min={1}
              max={730}
              allowDecimal={false}
              value={expiresInDays}
              onChange={(days) => setExpires(Number(days))}
              error={fieldError(create.error, 'expiresInDays')}
            />
            <Button type="submit" loading={create.isPending}>
              {t('admin.createToken')}
            </Button>
          </div>
          <ProblemAlert error={create.error} />
          {token === undefined ? null : (
            <Callout tone="good" icon={KeyRound} role="status" title={t('admin.tokenOnce')}>
              <Group gap="xs" mt={6}>
                <Code style={{ overflowWrap: 'anywhere' }}>{token}</Code>
                <CopyButton value={token}>
                  {({ copied, copy }) => (
                    <Button size="compact-xs" variant="default" leftSection={<Copy size={12} aria-hidden="true" />} onClick={copy}>
                      {copied ? t('action.copied') : t('action.copy')}
                    </Button>
                  )}
                </CopyButton>
              </Group>
            </Callout>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
