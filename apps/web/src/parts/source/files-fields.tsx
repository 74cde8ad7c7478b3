import type { FilesSource } from '@holdfast/contract';
import { Checkbox, NumberInput, Stack, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PathLines } from './path-lines.tsx';
import classes from './source.module.css';

/** What the fields of every driver get. */
export interface DriverFieldsProps<Options> {
  readonly value: Options;
  readonly onChange: (source: Options) => void;
  /** Whether it is on the Holdfast machine. */
  readonly isHere: boolean;
  readonly errorOf: (field: string) => string | undefined;
}

const mebibyte = 1024 ** 2;

/** Which files are read. */
export function FilesFields({ value, onChange, isHere, errorOf }: DriverFieldsProps<FilesSource>) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <PathLines
        label={t('config.paths')}
        description={isHere ? t('config.pathsHint') : t('config.pathsThere')}
        paths={value.paths}
        onChange={(paths) => onChange({ ...value, paths })}
        isHere={isHere}
        errorOf={errorOf}
      />
      <Textarea
        label={t('config.excludes')}
        description={t('config.excludesHint')}
        placeholder={'*.tmp\nnode_modules'}
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
        value={value.excludes.join('\n')}
        onChange={(event) =>
          onChange({ ...value, excludes: event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n') })
        }
        error={errorOf('excludes')}
        classNames={{ input: classes['mono'] ?? '' }}
      />
      <div className={classes['checks']}>
        <Checkbox
          label={t('config.excludeCaches')}
          description={t('config.excludeCachesHint')}
          checked={value.excludeCaches}
          onChange={(event) => onChange({ ...value, excludeCaches: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('config.oneFileSystem')}
          description={t('config.oneFileSystemHint')}
          checked={value.oneFileSystem}
          onChange={(event) => onChange({ ...value, oneFileSystem: event.currentTarget.checked })}
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
          onChange({ ...value, excludeLargerThanBytes: size === '' || Number(size) <= 0 ? null : Math.round(Number(size) * mebibyte) })
        }
        error={errorOf('excludeLargerThanBytes')}
      />
    </Stack>
  );
}
