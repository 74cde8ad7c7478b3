import type { SecretName, SshOptions } from '@holdfast/contract';
import { NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { More } from '../more.tsx';
import { SecretField } from '../secret/secret-field.tsx';
import { TextFileField } from '../secret/text-file-field.tsx';
import classes from './connection.module.css';
import type { SecretDraft } from './connection-draft.ts';

export interface OptionFieldsProps<Options> {
  readonly value: Options;
  readonly onChange: (options: Options) => void;
  readonly secrets: SecretDraft;
  readonly onSecrets: (secrets: SecretDraft) => void;
  /** Which secrets the server has. */
  readonly stored: readonly SecretName[];
  readonly errorOf: (field: string) => string | undefined;
}

/** How a host is reached by SSH, and what we sign in with. */
export function SshFields({ value, onChange, secrets, onSecrets, stored, errorOf }: OptionFieldsProps<SshOptions>) {
  const { t } = useTranslation();
  const text = (field: 'host' | 'user', placeholder: string) => ({
    label: t(`connections.${field}`),
    placeholder,
    required: true,
    withAsterisk: false,
    spellCheck: false,
    autoCapitalize: 'none',
    autoComplete: 'off',
    value: value[field],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange({ ...value, [field]: event.currentTarget.value }),
    error: errorOf(`options.${field}`),
  });
  const secret = (name: 'privateKey' | 'passphrase' | 'password') => ({
    label: t(`connections.${name}`),
    isSet: stored.includes(name),
    value: secrets[name],
    onChange: (next: string | null | undefined) => onSecrets({ ...secrets, [name]: next }),
    error: errorOf(`secrets.${name}`),
  });
  const hasKey = typeof secrets.privateKey === 'string' ? secrets.privateKey !== '' : stored.includes('privateKey');
  const more = ['certificate', 'agentSocket', 'hostKeys'].map((field) => errorOf(`options.${field}`));
  return (
    <Stack gap="md">
      <div className={classes['address']}>
        <TextInput {...text('host', 'db1.example.org')} />
        <NumberInput
          label={t('connections.port')}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          value={value.port}
          onChange={(port) => onChange({ ...value, port: port === '' ? 22 : Number(port) })}
          error={errorOf('options.port')}
        />
      </div>
      <TextInput {...text('user', 'backup')} />
      <fieldset className={classes['group']}>
        <legend className={classes['legend']}>{t('connections.signIn')}</legend>
        <p className={classes['hint']}>{t('connections.signInHint')}</p>
        <Stack gap="md">
          <SecretField {...secret('privateKey')} description={t('connections.privateKeyHint')} isFile />
          {hasKey || stored.includes('passphrase') ? <SecretField {...secret('passphrase')} /> : null}
          <SecretField {...secret('password')} />
        </Stack>
      </fieldset>
      <More label={t('connections.more')} opened={more.some((error) => error !== undefined)}>
        <Stack gap="md">
          <TextFileField
            label={t('connections.certificate')}
            description={t('connections.certificateHint')}
            value={value.certificate ?? ''}
            onChange={(certificate) => onChange({ ...value, certificate: certificate === '' ? null : certificate })}
            error={more[0]}
          />
          <TextInput
            label={t('connections.agentSocket')}
            description={t('connections.agentSocketHint')}
            placeholder="/run/user/1000/ssh-agent.socket"
            spellCheck={false}
            value={value.agentSocket ?? ''}
            onChange={(event) => onChange({ ...value, agentSocket: event.currentTarget.value === '' ? null : event.currentTarget.value })}
            error={more[1]}
          />
          <Textarea
            label={t('connections.hostKeys')}
            description={t('connections.hostKeysHint')}
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            value={value.hostKeys.join('\n')}
            onChange={(event) =>
              onChange({ ...value, hostKeys: event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n') })
            }
            error={more[2]}
            classNames={{ input: classes['mono'] ?? '' }}
          />
        </Stack>
      </More>
    </Stack>
  );
}
