import type { ContainerChoice } from '@holdfast/contract';
import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './connection.module.css';

export interface ContainerFieldsProps {
  readonly value: ContainerChoice;
  readonly onChange: (choice: ContainerChoice) => void;
  readonly errorOf: (field: string) => string | undefined;
}

/** Which container: by its name, its id, its compose service, or a label. */
export function ContainerFields({ value, onChange, errorOf }: ContainerFieldsProps) {
  const { t } = useTranslation();
  const text = (field: string, current: string, set: (text: string) => ContainerChoice) => ({
    required: true,
    withAsterisk: false,
    spellCheck: false,
    autoCapitalize: 'none',
    autoComplete: 'off',
    value: current,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange(set(event.currentTarget.value)),
    error: errorOf(`options.container.${field}`),
  });
  const orNull = (given: string): string | null => (given === '' ? null : given);
  return (
    <div className={classes['pair']}>
      <NativeSelect
        label={t('connections.by')}
        value={value.by}
        onChange={(event) => onChange(newChoice(event.currentTarget.value))}
        data={(['name', 'service', 'label', 'id'] as const).map((by) => ({ value: by, label: t(`connections.bys.${by}`) }))}
      />
      {value.by === 'name' ? (
        <TextInput
          label={t('connections.containerName')}
          placeholder="shop-db-1"
          {...text('name', value.name, (name) => ({ by: 'name', name }))}
        />
      ) : null}
      {value.by === 'id' ? (
        <TextInput label={t('connections.containerId')} placeholder="4f66ad9a0b2e" {...text('id', value.id, (id) => ({ by: 'id', id }))} />
      ) : null}
      {value.by === 'service' ? (
        <>
          <TextInput
            label={t('connections.service')}
            placeholder="db"
            {...text('service', value.service, (service) => ({ ...value, service }))}
          />
          <TextInput
            label={t('connections.project')}
            description={t('connections.projectHint')}
            {...text('project', value.project ?? '', (project) => ({ ...value, project: orNull(project) }))}
            required={false}
          />
        </>
      ) : null}
      {value.by === 'label' ? (
        <>
          <TextInput
            label={t('connections.label')}
            placeholder="backup.role"
            {...text('label', value.label, (label) => ({ ...value, label }))}
          />
          <TextInput
            label={t('connections.labelValue')}
            description={t('connections.labelValueHint')}
            {...text('value', value.value ?? '', (given) => ({ ...value, value: orNull(given) }))}
            required={false}
          />
        </>
      ) : null}
    </div>
  );
}

function newChoice(by: string): ContainerChoice {
  if (by === 'id') return { by, id: '' };
  if (by === 'service') return { by, service: '', project: null };
  if (by === 'label') return { by, label: '', value: null };
  return { by: 'name', name: '' };
}
