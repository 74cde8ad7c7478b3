import { Checkbox, NativeSelect, NumberInput, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { More } from '../more.tsx';
import { TextFileField } from '../secret/text-file-field.tsx';
import { withText } from './new-source.ts';
import type { ServerSource } from './server-source.ts';
import classes from './source.module.css';
import { ToolFields } from './tool-fields.tsx';

export interface ServerMoreFieldsProps {
  readonly value: ServerSource;
  readonly onChange: (source: ServerSource) => void;
  readonly errorOf: (field: string) => string | undefined;
}

const modes = ['default', 'verified', 'unverified', 'off'] as const;
const inside = [
  'tls',
  'tlsAuthority',
  'runAs',
  'toolFolder',
  'maintenanceDatabase',
  'concurrency',
  'replicaSet',
  'authenticationDatabase',
  'oplog',
];

/** What of a server seldom needs a change. */
export function ServerMoreFields({ value, onChange, errorOf }: ServerMoreFieldsProps) {
  const { t } = useTranslation();
  return (
    <More label={t('source.more')} opened={inside.some((field) => errorOf(field) !== undefined)}>
      <Stack gap="md">
        {value.driver === 'postgres' ? (
          <Checkbox
            label={t('source.roles')}
            description={t('source.rolesHint')}
            checked={value.roles}
            onChange={(event) => onChange({ ...value, roles: event.currentTarget.checked })}
          />
        ) : null}
        {value.driver === 'mongodb' && value.databases === 'all' ? (
          <Checkbox
            label={t('source.oplog')}
            description={t('source.oplogHint')}
            checked={value.oplog}
            onChange={(event) => onChange({ ...value, oplog: event.currentTarget.checked })}
            error={errorOf('oplog')}
          />
        ) : null}
        <div className={classes['pair']}>
          {value.driver === 'postgres' ? (
            <>
              <NativeSelect
                label={t('source.format')}
                value={value.format}
                onChange={(event) => onChange({ ...value, format: event.currentTarget.value === 'plain' ? 'plain' : 'custom' })}
                data={(['custom', 'plain'] as const).map((format) => ({ value: format, label: t(`source.formats.${format}`) }))}
              />
              <TextInput
                label={t('source.maintenanceDatabase')}
                spellCheck={false}
                value={value.maintenanceDatabase}
                onChange={(event) => onChange({ ...value, maintenanceDatabase: event.currentTarget.value })}
                error={errorOf('maintenanceDatabase')}
              />
            </>
          ) : null}
          {value.driver === 'postgres' || value.driver === 'mysql' ? (
            <NumberInput
              label={t('source.concurrency')}
              min={1}
              max={16}
              allowDecimal={false}
              value={value.concurrency}
              onChange={(concurrency) => onChange({ ...value, concurrency: Math.max(1, Number(concurrency)) })}
              error={errorOf('concurrency')}
            />
          ) : null}
          {value.driver === 'mongodb' ? (
            <>
              <TextInput
                label={t('source.replicaSet')}
                spellCheck={false}
                value={value.replicaSet ?? ''}
                onChange={(event) => onChange(withText(value, 'replicaSet', event.currentTarget.value))}
                error={errorOf('replicaSet')}
              />
              <TextInput
                label={t('source.authenticationDatabase')}
                spellCheck={false}
                value={value.authenticationDatabase}
                onChange={(event) => onChange({ ...value, authenticationDatabase: event.currentTarget.value })}
                error={errorOf('authenticationDatabase')}
              />
            </>
          ) : null}
          <NativeSelect
            label={t('source.tls')}
            value={value.tls ?? 'default'}
            onChange={(event) => onChange(withText(value, 'tls', event.currentTarget.value === 'default' ? '' : event.currentTarget.value))}
            data={modes.map((mode) => ({ value: mode, label: t(`source.tlsModes.${mode}`) }))}
          />
        </div>
        {value.tls === 'off' || value.tls === 'unverified' ? null : (
          <TextFileField
            label={t('source.authority')}
            description={t('source.authorityHint')}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={value.tlsAuthority ?? ''}
            onChange={(authority) => onChange(withText(value, 'tlsAuthority', authority))}
            error={errorOf('tlsAuthority')}
          />
        )}
        <ToolFields value={value} onChange={onChange} example={value.driver} errorOf={errorOf} />
      </Stack>
    </More>
  );
}
