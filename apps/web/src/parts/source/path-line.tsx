import { ActionIcon, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { DirectoryField } from '../directory/directory-field.tsx';
import classes from './source.module.css';

export interface PathLineProps {
  readonly number: number;
  readonly isHere: boolean;
  readonly value: string;
  readonly onChange: (path: string) => void;
  readonly error: string | undefined;
  readonly onRemove?: () => void;
}

/** A path, chosen among the directories of the Holdfast machine, or typed where it is of another place. */
export function PathLine({ number, isHere, value, onChange, error, onRemove }: PathLineProps) {
  const { t } = useTranslation();
  const label = t('config.path', { number });
  const remove =
    onRemove === undefined ? null : (
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={t('config.removePath', { number })} onClick={onRemove}>
        <X size={16} aria-hidden="true" />
      </ActionIcon>
    );
  if (isHere)
    return (
      <DirectoryField label={label} hideLabel required={number === 1} value={value} onChange={onChange} error={error} after={remove} />
    );
  return (
    <div className={classes['line']}>
      <TextInput
        aria-label={label}
        required={number === 1}
        placeholder="/srv/data"
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        classNames={{ root: classes['grow'] ?? '', input: classes['mono'] ?? '' }}
      />
      {remove}
    </div>
  );
}
