import type { FilesSource } from '@holdfast/contract';
import { Checkbox, NumberInput, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './source.module.css';

type Rules = Pick<FilesSource, 'excludes' | 'excludeCaches' | 'oneFileSystem' | 'excludeLargerThanBytes'>;

export interface TreeRulesProps {
  readonly value: Rules;
  readonly onChange: (rules: Partial<Rules>) => void;
  readonly errorOf: (field: string) => string | undefined;
}

const mebibyte = 1024 ** 2;

/** What of a tree of files is left out. */
export function TreeRules({ value, onChange, errorOf }: TreeRulesProps) {
  const { t } = useTranslation();
  return (
    <>
      <Textarea
        label={t('config.excludes')}
        description={t('config.excludesHint')}
        placeholder={'*.tmp\nnode_modules'}
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
        value={value.excludes.join('\n')}
        onChange={(event) => onChange({ excludes: event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n') })}
        error={errorOf('excludes')}
        classNames={{ input: classes['mono'] ?? '' }}
      />
      <div className={classes['checks']}>
        <Checkbox
          label={t('config.excludeCaches')}
          description={t('config.excludeCachesHint')}
          checked={value.excludeCaches}
          onChange={(event) => onChange({ excludeCaches: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('config.oneFileSystem')}
          description={t('config.oneFileSystemHint')}
          checked={value.oneFileSystem}
          onChange={(event) => onChange({ oneFileSystem: event.currentTarget.checked })}
        />
      </div>
      <NumberInput
        label={t('config.excludeLarger')}
        placeholder={t('config.noLimit')}
        suffix=" MiB"
        min={1}
        maw={320}
        value={value.excludeLargerThanBytes === null ? '' : value.excludeLargerThanBytes / mebibyte}
        onChange={(size) =>
          onChange({ excludeLargerThanBytes: size === '' || Number(size) <= 0 ? null : Math.round(Number(size) * mebibyte) })
        }
        error={errorOf('excludeLargerThanBytes')}
      />
    </>
  );
}
