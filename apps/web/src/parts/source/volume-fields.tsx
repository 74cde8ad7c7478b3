import type { DockerVolumeSource } from '@holdfast/contract';
import { NativeSelect, Stack, TagsInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { More } from '../more.tsx';
import type { DriverFieldsProps } from './files-fields.tsx';
import { withText } from './new-source.ts';
import classes from './source.module.css';
import { TreeRules } from './tree-rules.tsx';

const programs = { docker: 'Docker', podman: 'Podman' } as const;
const containers = ['run', 'pause', 'stop'] as const;

/** Which volumes of a container engine are read, and what their containers do meanwhile. */
export function VolumeFields({ value, onChange, errorOf }: DriverFieldsProps<DockerVolumeSource>) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <TagsInput
        label={t('source.volumes')}
        description={t('source.volumesHint')}
        placeholder={t('source.addVolume')}
        spellCheck={false}
        clearable
        value={value.volumes}
        onChange={(volumes) => onChange({ ...value, volumes })}
        error={errorOf('volumes')}
      />
      <NativeSelect
        label={t('source.containers')}
        value={value.containers}
        onChange={(event) => onChange({ ...value, containers: containers.find((one) => one === event.currentTarget.value) ?? 'run' })}
        data={containers.map((one) => ({ value: one, label: t(`source.containersDo.${one}`) }))}
      />
      <TreeRules value={value} onChange={(rules) => onChange({ ...value, ...rules })} errorOf={errorOf} />
      <More label={t('source.more')} opened={errorOf('socket') !== undefined}>
        <div className={classes['pair']}>
          <NativeSelect
            label={t('connections.program')}
            value={value.program}
            onChange={(event) => onChange({ ...value, program: event.currentTarget.value === 'podman' ? 'podman' : 'docker' })}
            data={Object.entries(programs).map(([program, label]) => ({ value: program, label }))}
          />
          <TextInput
            label={t('connections.socket')}
            placeholder="/var/run/docker.sock"
            spellCheck={false}
            value={value.socket ?? ''}
            onChange={(event) => onChange(withText(value, 'socket', event.currentTarget.value))}
            error={errorOf('socket')}
          />
        </div>
      </More>
    </Stack>
  );
}
