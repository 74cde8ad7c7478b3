import type { DumpSource } from '@holdfast/contract';
import { Input, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../parts/data-table.tsx';
import { visibleName } from '../../../parts/visible-name.ts';
import classes from './files.module.css';
import type { StoredDump } from './use-dumps.ts';

export interface RenameFieldsProps {
  readonly dumps: readonly StoredDump[];
  readonly driver: DumpSource['driver'];
  /** What is restored under another name. */
  readonly names: Readonly<Record<string, string>>;
  readonly onChange: (names: Readonly<Record<string, string>>) => void;
  readonly error: string | undefined;
}

/** Under which name each dump is restored: its own unless another one is given. */
export function RenameFields({ dumps, driver, names, onChange, error }: RenameFieldsProps) {
  const { t } = useTranslation();
  if (dumps.length === 0) return driver === 'command' ? null : <p className={classes['whole']}>{t('push.whole')}</p>;
  return (
    <div className={classes['renames']}>
      <DataTable<StoredDump>
        label={t('push.what')}
        rows={dumps}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', header: t('push.name'), cell: ({ name }) => <bdi>{visibleName(name)}</bdi> },
          {
            key: 'as',
            header: t('push.as'),
            width: '50%',
            cell: ({ name }) => (
              <TextInput
                size="xs"
                aria-label={t('push.asOf', { name })}
                placeholder={driver === 'redis' ? '' : name}
                spellCheck={false}
                autoCapitalize="none"
                autoComplete="off"
                value={names[name] ?? ''}
                onChange={(event) => onChange({ ...names, [name]: event.currentTarget.value })}
              />
            ),
          },
        ]}
      />
      {driver === 'redis' ? <p className={classes['whole']}>{t('push.redisHint')}</p> : null}
      {error === undefined ? null : <Input.Error>{error}</Input.Error>}
    </div>
  );
}
