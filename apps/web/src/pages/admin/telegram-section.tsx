import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { orpc } from '../../api/client.ts';
import { PageLoading } from '../../parts/page-loading.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Deliveries } from './deliveries.tsx';
import { TelegramForm } from './telegram-form.tsx';

/** Messages by Telegram: settings, and what became of the messages. */
export function TelegramSection() {
  const { data, error } = useQuery(orpc.notifications.telegram.queryOptions());
  if (data === undefined) return error === null ? <PageLoading /> : <ProblemAlert error={error} />;
  return (
    <Stack gap="lg">
      <TelegramForm settings={data} />
      <Deliveries />
    </Stack>
  );
}
