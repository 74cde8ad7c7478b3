import type { Source } from '@holdfast/contract';
import { Checkbox, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { More } from '../more.tsx';
import { ArgumentsField } from './arguments-field.tsx';
import type { DriverFieldsProps } from './files-fields.tsx';
import { withText } from './new-source.ts';
import classes from './source.module.css';

const inside = ['workingDirectory', 'runAs', 'expectedExitCodes', 'endMarker', 'restoreArgv'];

/** Which command's output is kept, and how to see that it is whole. */
export function CommandFields({ value, onChange, errorOf }: DriverFieldsProps<Extract<Source, { driver: 'command' }>>) {
  const { t } = useTranslation();
  const [codes, setCodes] = useState(value.expectedExitCodes.join(', '));
  const text = (field: 'workingDirectory' | 'runAs' | 'endMarker') => ({
    spellCheck: false,
    value: value[field] ?? '',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onChange(withText(value, field, event.currentTarget.value)),
    error: errorOf(field),
  });
  return (
    <Stack gap="md">
      <ArgumentsField
        label={t('source.argv')}
        description={t('source.argvHint')}
        placeholder={'ldapsearch\n-x\n-LLL'}
        required
        value={value.argv}
        onChange={(argv) => onChange({ ...value, argv })}
        error={errorOf('argv')}
      />
      <TextInput
        label={t('source.fileName')}
        description={t('source.fileNameHint')}
        placeholder="directory.ldif"
        required
        withAsterisk={false}
        spellCheck={false}
        value={value.fileName}
        onChange={(event) => onChange({ ...value, fileName: event.currentTarget.value })}
        error={errorOf('fileName')}
      />
      <More label={t('source.more')} opened={inside.some((field) => errorOf(field) !== undefined)}>
        <Stack gap="md">
          <ArgumentsField
            label={t('source.restoreArgv')}
            description={t('source.restoreArgvHint')}
            value={value.restoreArgv ?? []}
            onChange={(restoreArgv) => onChange({ ...value, restoreArgv })}
            error={errorOf('restoreArgv')}
          />
          <div className={classes['pair']}>
            <TextInput label={t('source.runAs')} {...text('runAs')} />
            <TextInput label={t('source.workingDirectory')} placeholder="/" {...text('workingDirectory')} />
            <TextInput
              label={t('source.exitCodes')}
              description={t('source.exitCodesHint')}
              inputMode="numeric"
              value={codes}
              onChange={(event) => {
                setCodes(event.currentTarget.value);
                onChange({ ...value, expectedExitCodes: numbersOf(event.currentTarget.value) });
              }}
              error={errorOf('expectedExitCodes')}
            />
            <TextInput label={t('source.endMarker')} description={t('source.endMarkerHint')} {...text('endMarker')} />
          </div>
          <Checkbox
            label={t('source.mayBeEmpty')}
            checked={value.mayBeEmpty}
            onChange={(event) => onChange({ ...value, mayBeEmpty: event.currentTarget.checked })}
          />
        </Stack>
      </More>
    </Stack>
  );
}

/** What is no number is sent as it is none, so that the server says so. */
function numbersOf(text: string): number[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
}
