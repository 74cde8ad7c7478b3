import type { Source } from '@holdfast/contract';
import { Button, NativeSelect, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ScanSearch } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../api/client.ts';
import { fieldError } from '../../api/problem.ts';
import { ProblemAlert } from '../problem-alert.tsx';
import { SecretField } from '../secret/secret-field.tsx';
import { CommandFields } from './command-fields.tsx';
import { FilesFields } from './files-fields.tsx';
import { cleanSource, drivers, newSource } from './new-source.ts';
import { isServer, ServerFields } from './server-fields.tsx';
import { SourceFindings } from './source-findings.tsx';
import { SqliteFields } from './sqlite-fields.tsx';
import { VolumeFields } from './volume-fields.tsx';

/** The password of a source while a person changes it. Undefined or empty: it stays as it is. Null: it is taken away. */
export interface PasswordDraft {
  readonly isSet: boolean;
  readonly value: string | null | undefined;
  readonly onChange: (password: string | null | undefined) => void;
}

export interface SourceFieldsProps {
  readonly value: Source;
  readonly onChange: (source: Source) => void;
  readonly chain: readonly string[];
  readonly password: PasswordDraft;
  /** Whose password counts where none is given. */
  readonly backupId: string | undefined;
  /** What is wrong with a field of the source; `password`: with the password. */
  readonly errorOf: (field: string) => string | undefined;
}

/** What is read, by driver, and a look at it before it is kept. */
export function SourceFields({ value, onChange, chain, password, backupId, errorOf }: SourceFieldsProps) {
  const { t } = useTranslation();
  const probe = useMutation(orpc.backups.probe.mutationOptions());
  const source = cleanSource(value);
  const asked = {
    ...(backupId === undefined ? {} : { id: backupId }),
    chain: [...chain],
    source,
    ...(password.value === undefined || password.value === '' ? {} : { sourcePassword: password.value }),
  };
  const isOfThis = JSON.stringify(probe.variables) === JSON.stringify(asked);
  const found = isOfThis ? probe.data : undefined;
  const probeError = isOfThis ? probe.error : null;
  const fields = {
    isHere: chain.length === 0,
    onChange,
    errorOf: (field: string) => errorOf(field) ?? fieldError(probeError, `source.${field}`),
  };
  return (
    <Stack gap="md">
      <NativeSelect
        label={t('source.what')}
        value={value.driver}
        onChange={(event) => {
          const driver = drivers.find((one) => one === event.currentTarget.value);
          if (driver !== undefined) onChange(newSource(driver));
        }}
        data={drivers.map((driver) => ({ value: driver, label: t(`source.driver.${driver}`) }))}
      />
      {value.driver === 'files' ? <FilesFields {...fields} value={value} /> : null}
      {value.driver === 'docker-volume' ? <VolumeFields {...fields} value={value} /> : null}
      {value.driver === 'sqlite' ? <SqliteFields {...fields} value={value} /> : null}
      {value.driver === 'command' ? <CommandFields {...fields} value={value} /> : null}
      {isServer(value) ? (
        <ServerFields
          {...fields}
          value={value}
          found={probe.data?.contents.map(({ name }) => name) ?? []}
          password={<SecretField label={t('source.password')} {...password} error={errorOf('password')} />}
        />
      ) : null}
      <div>
        <Button
          variant="default"
          leftSection={<ScanSearch size={15} aria-hidden="true" />}
          loading={probe.isPending}
          onClick={() => probe.mutate(asked)}
        >
          {t('look.action')}
        </Button>
      </div>
      <ProblemAlert error={probeError} />
      {found === undefined ? null : <SourceFindings findings={found} />}
    </Stack>
  );
}

/** What a form sends of the password: nothing where it stays; it is taken away with a source that has none. */
export function passwordChange(
  source: Source,
  { isSet, value }: Pick<PasswordDraft, 'isSet' | 'value'>,
): { sourcePassword?: string | null } {
  if (!isServer(source)) return isSet ? { sourcePassword: null } : {};
  return value === undefined || value === '' ? {} : { sourcePassword: value };
}
