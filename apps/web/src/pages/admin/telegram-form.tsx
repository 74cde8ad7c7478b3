import type { TelegramSettings } from '@holdfast/contract';
import { Button, Group, PasswordInput, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, Send } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { Callout } from '../../parts/callout.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { sayDone } from '../../parts/say.ts';

/** Token and chat, and a message to try them. */
export function TelegramForm({ settings }: { readonly settings: TelegramSettings }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [enabled, setEnabled] = useState(settings.enabled);
  const [chat, setChat] = useState(settings.chat ?? '');
  const [token, setToken] = useState('');
  const changed = () => queries.invalidateQueries({ queryKey: orpc.notifications.key() });
  const save = useMutation(
    orpc.notifications.setTelegram.mutationOptions({
      onSuccess: async () => {
        setToken('');
        sayDone(t('admin.telegramSaved'));
        await changed();
      },
    }),
  );
  const test = useMutation(orpc.notifications.testTelegram.mutationOptions({ onSettled: changed }));
  return (
    <Panel title={t('admin.telegram')} description={t('admin.telegramText')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ enabled, chat: chat.trim(), ...(token === '' ? {} : { token: token.trim() }) });
        }}
      >
        <Stack gap="md" maw={520}>
          <Switch label={t('admin.telegramEnabled')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
          <PasswordInput
            label={t('admin.telegramToken')}
            description={settings.hasToken ? t('admin.telegramTokenStored') : t('admin.telegramTokenHint')}
            placeholder={settings.hasToken ? '••••••••••' : '123456789:AbCd…'}
            autoComplete="off"
            required={!settings.hasToken}
            withAsterisk={false}
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={fieldError(save.error, 'token')}
            visibilityToggleButtonProps={{ 'aria-label': t('account.show') }}
          />
          <TextInput
            label={t('admin.telegramChat')}
            description={t('admin.telegramChatHint')}
            placeholder="-1001234567890"
            required
            withAsterisk={false}
            value={chat}
            onChange={(event) => setChat(event.currentTarget.value)}
            error={fieldError(save.error, 'chat')}
          />
          {settings.lastError === null ? null : (
            <Callout tone="bad" icon={CircleAlert} title={t('admin.telegramLastError')}>
              {settings.lastError}
            </Callout>
          )}
          {test.data === undefined ? null : test.data.delivered ? (
            <Callout tone="good" icon={CircleCheck} role="status" title={t('admin.telegramArrived')} />
          ) : (
            <Callout tone="bad" icon={CircleAlert} role="alert" title={t('admin.telegramNotArrived')}>
              {test.data.error}
            </Callout>
          )}
          <ProblemAlert error={save.error ?? test.error} />
          <Group gap="xs">
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
            <Button
              variant="default"
              leftSection={<Send size={14} aria-hidden="true" />}
              disabled={!settings.hasToken}
              loading={test.isPending}
              onClick={() => test.mutate(undefined)}
            >
              {t('admin.telegramTest')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
