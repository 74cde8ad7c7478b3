import type { Connection } from '@holdfast/contract';
import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { connectionAddress } from '../../parts/connection/connection-address.ts';
import { ConnectionForm } from '../../parts/connection/connection-form.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoading } from '../../parts/page-loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { sayDone } from '../../parts/say.ts';
import { useNames } from '../../parts/use-names.ts';
import classes from './connections.module.css';
import { RemoveConnectionDialog } from './remove-connection-dialog.tsx';
import { ThroughPanel } from './through-panel.tsx';

const route = getRouteApi('/inside/connections/$connectionId');

/** A connection: its settings, a try of it, and who uses it. */
export function ConnectionPage() {
  const { t } = useTranslation();
  const { connectionId: id } = route.useParams();
  const { data: connection, error } = useQuery(orpc.connections.get.queryOptions({ input: { id } }));
  const { data: backups } = useQuery(orpc.backups.list.queryOptions());
  if (connection !== undefined && backups !== undefined) return <LoadedConnection key={id} connection={connection} />;
  return error === null ? (
    <PageLoading />
  ) : (
    <Page title={t('connections.connection')} above={{ to: '/connections', label: t('shell.connections') }}>
      <ProblemAlert error={error} />
    </Page>
  );
}

function LoadedConnection({ connection }: { readonly connection: Connection }) {
  const { t } = useTranslation();
  const { backups, backupName } = useNames();
  const [removing, remove] = useDisclosure(false);
  // A backup that goes over it knows the way to the place before it.
  const [through, setThrough] = useState(() => {
    const chain = backups.find(({ config }) => config.chain.includes(connection.id))?.config.chain ?? [];
    return chain.slice(0, Math.max(0, chain.indexOf(connection.id)));
  });
  return (
    <Page
      narrow
      above={{ to: '/connections', label: t('shell.connections') }}
      title={connection.name}
      subtitle={`${t(`connections.kinds.${connection.options.kind}`)} · ${connectionAddress(connection.options)}`}
    >
      <Stack gap="lg">
        <Panel title={t('connections.settings')}>
          <ConnectionForm base={connection} through={through} onStored={() => sayDone(t('connections.saved'))} />
        </Panel>
        <ThroughPanel value={through} onChange={setThrough} connectionId={connection.id} />
        <Panel title={t('connections.usedBy')}>
          {connection.backupIds.length === 0 ? (
            t('connections.usedByNone')
          ) : (
            <ul className={classes['users']}>
              {connection.backupIds.map((backupId) => (
                <li key={backupId}>
                  <Link to="/backups/$backupId" params={{ backupId }}>
                    {backupName(backupId)}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title={t('connections.remove')} description={t('connections.removeText')}>
          <Button variant="default" c="var(--hf-bad)" leftSection={<Trash2 size={15} aria-hidden="true" />} onClick={remove.open}>
            {t('connections.remove')}
          </Button>
        </Panel>
      </Stack>
      <RemoveConnectionDialog connection={connection} opened={removing} onClose={remove.close} />
    </Page>
  );
}
