import type { DockerOptions } from '@holdfast/contract';
import { NumberInput, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SecretField } from '../secret/secret-field.tsx';
import { TextFileField } from '../secret/text-file-field.tsx';
import classes from './connection.module.css';
import type { OptionFieldsProps } from './ssh-fields.tsx';

/** Where the engine listens, unless its own client finds it. */
export function EngineFields({ value, onChange, secrets, onSecrets, stored, errorOf }: OptionFieldsProps<DockerOptions>) {
  const { t } = useTranslation();
  const { engine } = value;
  const plain = { withAsterisk: false, spellCheck: false, autoCapitalize: 'none', autoComplete: 'off' };
  if (engine.at === 'default') return null;
  if (engine.at === 'socket')
    return (
      <TextInput
        {...plain}
        label={t('connections.socket')}
        description={t('connections.engineHint')}
        required
        value={engine.path}
        onChange={(event) => onChange({ ...value, engine: { ...engine, path: event.currentTarget.value } })}
        error={errorOf('options.engine.path')}
      />
    );
  const set = (part: Partial<typeof engine>): void => onChange({ ...value, engine: { ...engine, ...part } });
  const orNull = (given: string): string | null => (given === '' ? null : given);
  return (
    <Stack gap="md">
      <div className={classes['address']}>
        <TextInput
          {...plain}
          label={t('connections.host')}
          required
          value={engine.host}
          onChange={(event) => set({ host: event.currentTarget.value })}
          error={errorOf('options.engine.host')}
        />
        <NumberInput
          label={t('connections.port')}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          value={engine.port}
          onChange={(port) => set({ port: port === '' ? 2376 : Number(port) })}
          error={errorOf('options.engine.port')}
        />
      </div>
      <TextFileField
        label={t('connections.authority')}
        description={t('connections.authorityHint')}
        placeholder="-----BEGIN CERTIFICATE-----"
        required
        value={engine.authority}
        onChange={(authority) => set({ authority })}
        error={errorOf('options.engine.authority')}
      />
      <TextFileField
        label={t('connections.clientCertificate')}
        description={t('connections.clientCertificateHint')}
        placeholder="-----BEGIN CERTIFICATE-----"
        value={engine.certificate ?? ''}
        onChange={(certificate) => set({ certificate: orNull(certificate) })}
        error={errorOf('options.engine.certificate')}
      />
      <SecretField
        label={t('connections.engineKey')}
        isFile
        isSet={stored.includes('engineKey')}
        value={secrets.engineKey}
        onChange={(engineKey) => onSecrets({ ...secrets, engineKey })}
        error={errorOf('secrets.engineKey')}
      />
      <TextInput
        {...plain}
        label={t('connections.serverName')}
        description={t('connections.serverNameHint')}
        value={engine.serverName ?? ''}
        onChange={(event) => set({ serverName: orNull(event.currentTarget.value) })}
        error={errorOf('options.engine.serverName')}
      />
    </Stack>
  );
}
