import { Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConnectionForm } from '../../parts/connection/connection-form.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ThroughPanel } from './through-panel.tsx';

/** Makes a connection. */
export function NewConnectionPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [through, setThrough] = useState<string[]>([]);
  return (
    <Page narrow title={t('connections.new')} above={{ to: '/connections', label: t('shell.connections') }}>
      <Stack gap="lg">
        <Panel>
          <ConnectionForm
            through={through}
            onStored={({ id }) => void navigate({ to: '/connections/$connectionId', params: { connectionId: id } })}
          />
        </Panel>
        <ThroughPanel value={through} onChange={setThrough} />
      </Stack>
    </Page>
  );
}
