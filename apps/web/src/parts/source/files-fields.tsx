import type { FilesSource } from '@holdfast/contract';
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PathLines } from './path-lines.tsx';
import { TreeRules } from './tree-rules.tsx';

/** What the fields of every driver get. */
export interface DriverFieldsProps<Options> {
  readonly value: Options;
  readonly onChange: (source: Options) => void;
  /** Whether it is on the Holdfast machine. */
  readonly isHere: boolean;
  readonly errorOf: (field: string) => string | undefined;
}

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
      <TreeRules value={value} onChange={(rules) => onChange({ ...value, ...rules })} errorOf={errorOf} />
    </Stack>
  );
}
