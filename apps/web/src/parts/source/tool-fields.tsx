import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { withText } from './new-source.ts';
import classes from './source.module.css';

export interface ToolFieldsProps<Options> {
  readonly value: Options;
  readonly onChange: (source: Options) => void;
  /** An account of the kind that is meant. */
  readonly example: string;
  readonly errorOf: (field: string) => string | undefined;
}

/** As whom the programs run on that host, and where they are. */
export function ToolFields<Options extends { runAs?: string | undefined; toolFolder?: string | undefined }>(
  props: ToolFieldsProps<Options>,
) {
  const { value, onChange, errorOf } = props;
  const { t } = useTranslation();
  return (
    <div className={classes['pair']}>
      <TextInput
        label={t('source.runAs')}
        description={t('source.runAsHint', { example: props.example })}
        spellCheck={false}
        value={value.runAs ?? ''}
        onChange={(event) => onChange(withText(value, 'runAs', event.currentTarget.value))}
        error={errorOf('runAs')}
      />
      <TextInput
        label={t('source.toolFolder')}
        description={t('source.toolFolderHint')}
        spellCheck={false}
        value={value.toolFolder ?? ''}
        onChange={(event) => onChange(withText(value, 'toolFolder', event.currentTarget.value))}
        error={errorOf('toolFolder')}
      />
    </div>
  );
}
