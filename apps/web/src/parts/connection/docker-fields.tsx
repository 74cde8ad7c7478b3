import type { DockerOptions } from '@holdfast/contract';
import { NativeSelect, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './connection.module.css';
import { ContainerFields } from './container-fields.tsx';
import { EngineFields } from './engine-fields.tsx';
import type { OptionFieldsProps } from './ssh-fields.tsx';

const programs = { docker: 'Docker', podman: 'Podman' } as const;

/** Which container is meant, and whose engine knows it. */
export function DockerFields(props: OptionFieldsProps<DockerOptions>) {
  const { value, onChange, errorOf } = props;
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <ContainerFields value={value.container} onChange={(container) => onChange({ ...value, container })} errorOf={errorOf} />
      <div className={classes['pair']}>
        <NativeSelect
          label={t('connections.program')}
          value={value.program}
          onChange={(event) => onChange({ ...value, program: event.currentTarget.value === 'podman' ? 'podman' : 'docker' })}
          data={Object.entries(programs).map(([program, label]) => ({ value: program, label }))}
        />
        <NativeSelect
          label={t('connections.engine')}
          value={value.engine.at}
          onChange={(event) => onChange({ ...value, engine: newEngine(event.currentTarget.value) })}
          data={(['default', 'socket', 'tls'] as const).map((at) => ({ value: at, label: t(`connections.engines.${at}`) }))}
        />
      </div>
      <EngineFields {...props} />
    </Stack>
  );
}

function newEngine(at: string): DockerOptions['engine'] {
  if (at === 'socket') return { at, path: '/var/run/docker.sock' };
  if (at === 'tls') return { at, host: '', port: 2376, authority: '', certificate: null, serverName: null };
  return { at: 'default' };
}
