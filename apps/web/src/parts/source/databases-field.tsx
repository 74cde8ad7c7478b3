import { SegmentedControl, Stack, TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './source.module.css';

export interface DatabasesFieldProps {
  readonly value: 'all' | readonly string[];
  readonly onChange: (databases: 'all' | string[]) => void;
  /** Left out of all; undefined where the driver leaves out none. */
  readonly excluded?: readonly string[];
  readonly onExcluded?: (databases: string[]) => void;
  /** Those that were found there. */
  readonly found: readonly string[];
  readonly errorOf: (field: string) => string | undefined;
}

/** Which databases are taken: all of them, or those that are named. */
export function DatabasesField({ value, onChange, excluded, onExcluded, found, errorOf }: DatabasesFieldProps) {
  const { t } = useTranslation();
  // A name may have a comma in it, so that only Enter ends one.
  const names = { data: [...found], splitChars: [], clearable: true, placeholder: t('source.addDatabase'), spellCheck: false };
  return (
    <div>
      <div className={classes['label']}>{t('source.databases')}</div>
      <Stack gap="sm">
        <SegmentedControl
          aria-label={t('source.databases')}
          value={value === 'all' ? 'all' : 'some'}
          onChange={(take) => onChange(take === 'all' ? 'all' : [])}
          data={[
            { value: 'all', label: t('source.take.all') },
            { value: 'some', label: t('source.take.some') },
          ]}
          classNames={{ root: classes['choice'] ?? '' }}
        />
        {value === 'all' ? null : (
          <TagsInput {...names} label={t('source.databaseNames')} value={[...value]} onChange={onChange} error={errorOf('databases')} />
        )}
        {value !== 'all' || excluded === undefined ? null : (
          <TagsInput
            {...names}
            label={t('source.exclude')}
            value={[...excluded]}
            onChange={(next) => onExcluded?.(next)}
            error={errorOf('excludeDatabases')}
          />
        )}
      </Stack>
    </div>
  );
}
