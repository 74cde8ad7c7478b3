import type { Source } from '@holdfast/contract';
import { NumberInput, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DatabasesField } from './databases-field.tsx';
import type { DriverFieldsProps } from './files-fields.tsx';
import { withText } from './new-source.ts';
import { ServerMoreFields } from './server-more-fields.tsx';
import classes from './source.module.css';

/** Sources that are servers. */
export type ServerSource = Extract<Source, { driver: 'postgres' | 'mysql' | 'mongodb' | 'redis' }>;

/** Whether it signs in at a server, with a password. */
export function isServer(source: Source): source is ServerSource {
  const { driver } = source;
  return driver === 'postgres' || driver === 'mysql' || driver === 'mongodb' || driver === 'redis';
}

export interface ServerFieldsProps extends DriverFieldsProps<ServerSource> {
  /** Databases that were found there. */
  readonly found: readonly string[];
  /** The field of the password. */
  readonly password: React.ReactNode;
}

const usual = {
  postgres: { port: '5432', user: 'postgres' },
  mysql: { port: '3306', user: 'root' },
  mongodb: { port: '27017', user: 'backup' },
  redis: { port: '6379', user: 'default' },
} as const;

/** Where a server listens, whom one signs in as, and what is taken of it. */
export function ServerFields({ value, onChange, isHere, found, password, errorOf }: ServerFieldsProps) {
  const { t } = useTranslation();
  const plain = { spellCheck: false, autoCapitalize: 'none', autoComplete: 'off' } as const;
  return (
    <Stack gap="md">
      <div className={classes['address']}>
        <TextInput
          {...plain}
          label={t('source.host')}
          description={isHere ? t('source.hostHere') : t('source.hostThere')}
          placeholder={t('source.hostPlaceholder')}
          value={value.host ?? ''}
          onChange={(event) => onChange(withText(value, 'host', event.currentTarget.value))}
          error={errorOf('host')}
        />
        <NumberInput
          label={t('source.port')}
          placeholder={usual[value.driver].port}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          value={value.port ?? ''}
          onChange={(port) => onChange(withPort(value, port))}
          error={errorOf('port')}
        />
      </div>
      <div className={classes['pair']}>
        <TextInput
          {...plain}
          label={t('source.user')}
          placeholder={usual[value.driver].user}
          value={value.user ?? ''}
          onChange={(event) => onChange(withText(value, 'user', event.currentTarget.value))}
          error={errorOf('user')}
        />
        {password}
      </div>
      {value.driver === 'redis' ? null : (
        <DatabasesField
          value={value.databases}
          onChange={(databases) => onChange(withDatabases(value, databases))}
          found={found}
          errorOf={errorOf}
          {...(value.driver === 'mongodb'
            ? {}
            : {
                excluded: value.excludeDatabases,
                onExcluded: (excludeDatabases: string[]) => onChange({ ...value, excludeDatabases }),
              })}
        />
      )}
      <ServerMoreFields value={value} onChange={onChange} errorOf={errorOf} />
    </Stack>
  );
}

function withPort(value: ServerSource, port: string | number): ServerSource {
  const { port: _before, ...rest } = value;
  return port === '' ? rest : { ...rest, port: Number(port) };
}

/** What goes only with all databases goes with them. */
function withDatabases(value: Exclude<ServerSource, { driver: 'redis' }>, databases: 'all' | string[]): ServerSource {
  if (databases === 'all') return { ...value, databases };
  return value.driver === 'mongodb' ? { ...value, databases, oplog: false } : { ...value, databases, excludeDatabases: [] };
}
