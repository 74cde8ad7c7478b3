import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './source.module.css';

export interface ArgumentsFieldProps {
  readonly label: string;
  readonly description: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly value: readonly string[];
  readonly onChange: (argv: string[]) => void;
  readonly error: string | undefined;
}

/** A program and its arguments, one a line. Arguments that have several lines are shown and not changed. */
export function ArgumentsField({ value, onChange, description, error, required = false, ...rest }: ArgumentsFieldProps) {
  const { t } = useTranslation();
  const isLocked = value.some((argument) => argument.includes('\n'));
  return (
    <Textarea
      {...rest}
      description={isLocked ? t('source.argvLocked') : description}
      disabled={isLocked}
      required={required}
      withAsterisk={false}
      autosize
      minRows={2}
      maxRows={12}
      spellCheck={false}
      autoCapitalize="none"
      value={isLocked ? value.map((argument) => JSON.stringify(argument)).join('\n') : value.join('\n')}
      onChange={(event) => onChange(event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n'))}
      error={error}
      classNames={{ input: classes['mono'] ?? '' }}
    />
  );
}
