import { Button, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './directory.module.css';
import { DirectoryPicker } from './directory-picker.tsx';

export interface DirectoryFieldProps {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (path: string) => void;
  readonly error?: string | undefined;
  readonly required?: boolean;
  /** Behind the buttons. */
  readonly after?: ReactNode;
}

/** A path of the server's machine, typed or chosen. */
export function DirectoryField(props: DirectoryFieldProps) {
  const { t } = useTranslation();
  const [opened, picker] = useDisclosure(false);
  return (
    <div className={classes['field']}>
      <TextInput
        {...(props.hideLabel ? { 'aria-label': props.label } : { label: props.label })}
        description={props.description}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        error={props.error}
        required={props.required ?? false}
        withAsterisk={false}
        placeholder="/srv/data"
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        classNames={{ input: classes['path'] ?? '' }}
        inputContainer={(input) => (
          <div className={classes['line']}>
            <div className={classes['input']}>{input}</div>
            <Button
              variant="default"
              onClick={picker.open}
              leftSection={<FolderOpen size={15} aria-hidden="true" />}
              aria-label={t('directory.browseFor', { label: props.label })}
            >
              {t('directory.browse')}
            </Button>
            {props.after}
          </div>
        )}
      />
      <DirectoryPicker
        opened={opened}
        start={props.value}
        onClose={picker.close}
        onChoose={(path) => {
          props.onChange(path);
          picker.close();
        }}
      />
    </div>
  );
}
