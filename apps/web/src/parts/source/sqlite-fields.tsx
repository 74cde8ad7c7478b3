import type { Source } from '@holdfast/contract';
import { NativeSelect, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { More } from '../more.tsx';
import type { DriverFieldsProps } from './files-fields.tsx';
import { PathLines } from './path-lines.tsx';
import { ToolFields } from './tool-fields.tsx';

/** Which files of SQLite are copied, and how. */
export function SqliteFields({ value, onChange, errorOf }: DriverFieldsProps<Extract<Source, { driver: 'sqlite' }>>) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <PathLines
        label={t('source.paths')}
        description={t('source.pathsHint')}
        paths={value.paths}
        onChange={(paths) => onChange({ ...value, paths })}
        isHere={false}
        errorOf={errorOf}
      />
      <More label={t('source.more')} opened={errorOf('runAs') !== undefined || errorOf('toolFolder') !== undefined}>
        <Stack gap="md">
          <NativeSelect
            label={t('source.method')}
            value={value.method}
            onChange={(event) => onChange({ ...value, method: event.currentTarget.value === 'vacuum-into' ? 'vacuum-into' : 'backup' })}
            data={(['backup', 'vacuum-into'] as const).map((method) => ({ value: method, label: t(`source.methods.${method}`) }))}
          />
          <ToolFields value={value} onChange={onChange} example="www-data" errorOf={errorOf} />
        </Stack>
      </More>
    </Stack>
  );
}
