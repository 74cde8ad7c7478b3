import { Button, FileButton, Textarea } from '@mantine/core';
import { FileText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './secret.module.css';

export interface TextFileFieldProps {
  readonly label: string;
  readonly description?: string | undefined;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly error?: string | undefined;
  readonly required?: boolean;
}

const largestBytes = 256 * 1024;

/** The text of a small file, pasted or taken from the file. */
export function TextFileField({ label, value, onChange, error, required = false, ...rest }: TextFileFieldProps) {
  const { t } = useTranslation();
  const [isTooLarge, setTooLarge] = useState(false);
  const take = (file: File | null): void => {
    if (file === null) return;
    setTooLarge(file.size > largestBytes);
    if (file.size <= largestBytes) void file.text().then((text) => onChange(text.replaceAll('\r\n', '\n')));
  };
  return (
    <div>
      <Textarea
        label={label}
        description={rest.description}
        placeholder={rest.placeholder ?? ''}
        required={required}
        withAsterisk={false}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={isTooLarge ? t('secret.fileTooLarge') : error}
        classNames={{ input: classes['mono'] ?? '' }}
      />
      <FileButton onChange={take}>
        {(props) => (
          <Button
            {...props}
            variant="subtle"
            size="compact-sm"
            mt={4}
            leftSection={<FileText size={14} aria-hidden="true" />}
            aria-label={t('secret.fileFor', { label })}
          >
            {t('secret.file')}
          </Button>
        )}
      </FileButton>
    </div>
  );
}
