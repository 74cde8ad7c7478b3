import type { Source } from '@holdfast/contract';
import { ActionIcon, Button, Checkbox, NumberInput, Stack, Textarea } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { DirectoryField } from '../directory/directory-field.tsx';
import classes from './backup.module.css';

export interface SourceFieldsProps {
  readonly value: Source;
  readonly onChange: (source: Source) => void;
  readonly errorOf: (field: string) => string | undefined;
}

const mebibyte = 1024 ** 2;

/** Which files are read. */
export function SourceFields({ value, onChange, errorOf }: SourceFieldsProps) {
  const { t } = useTranslation();
  const setPaths = (paths: string[]): void => onChange({ ...value, paths });
  return (
    <Stack gap="md">
      <fieldset className={classes['group']}>
        <legend className={classes['legend']}>{t('config.paths')}</legend>
        <p className={classes['hint']}>{t('config.pathsHint')}</p>
        <Stack gap="xs">
          {value.paths.map((path, index) => (
            <DirectoryField
              // biome-ignore lint/suspicious/noArrayIndexKey: a line has no name but its place
              key={index}
              label={t('config.path', { number: index + 1 })}
              hideLabel
              required={index === 0}
              value={path}
              onChange={(next) => setPaths(value.paths.with(index, next))}
              error={errorOf(`paths.${index}`) ?? (value.paths.length === 1 ? errorOf('paths') : undefined)}
              after={
                value.paths.length < 2 ? null : (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={36}
                    aria-label={t('config.removePath', { number: index + 1 })}
                    onClick={() => setPaths(value.paths.toSpliced(index, 1))}
                  >
                    <X size={16} aria-hidden="true" />
                  </ActionIcon>
                )
              }
            />
          ))}
        </Stack>
        <Button
          variant="subtle"
          size="compact-sm"
          mt="xs"
          leftSection={<Plus size={14} aria-hidden="true" />}
          onClick={() => setPaths([...value.paths, ''])}
        >
          {t('config.addPath')}
        </Button>
      </fieldset>
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
