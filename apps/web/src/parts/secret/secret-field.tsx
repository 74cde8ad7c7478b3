import { Button, PasswordInput } from '@mantine/core';
import { LockKeyhole, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import classes from './secret.module.css';
import { TextFileField } from './text-file-field.tsx';

export interface SecretFieldProps {
  readonly label: string;
  readonly description?: string;
  /** Whether the server has one. It is never shown. */
  readonly isSet: boolean;
  /** Undefined or empty: it stays as it is. Null: it is taken away. */
  readonly value: string | null | undefined;
  readonly onChange: (value: string | null | undefined) => void;
  readonly error?: string | undefined;
  /** It is the text of a file. */
  readonly isFile?: boolean;
}

/** A secret that is given, kept, replaced or removed, and never shown. */
export function SecretField({ label, description, isSet, value, onChange, error, isFile = false }: SecretFieldProps) {
  const { t } = useTranslation();
  if (isSet && typeof value !== 'string')
    return (
      <div>
        <div className={classes['label']}>{label}</div>
        <div className={classes['stored']}>
          {value === null ? <Trash2 size={14} aria-hidden="true" /> : <LockKeyhole size={14} aria-hidden="true" />}
          <span className={classes['words']}>{value === null ? t('secret.goes') : t('secret.isSet')}</span>
          {value === null ? null : (
            <Button
              variant="subtle"
              size="compact-sm"
              color="gray"
              aria-label={t('secret.replaceOf', { label })}
              onClick={() => onChange('')}
            >
              {t('secret.replace')}
            </Button>
          )}
          <Button
            variant="subtle"
            size="compact-sm"
            color="gray"
            {...(value === null ? {} : { 'aria-label': t('secret.removeOf', { label }) })}
            onClick={() => onChange(value === null ? undefined : null)}
          >
            {value === null ? t('secret.keep') : t('secret.remove')}
          </Button>
        </div>
        {error === undefined ? null : <div className={classes['error']}>{error}</div>}
      </div>
    );
  const text = value ?? '';
  return (
    <div>
      {isFile ? (
        <TextFileField label={label} description={description} placeholder="-----BEGIN …" value={text} onChange={onChange} error={error} />
      ) : (
        <PasswordInput
          label={label}
          description={description}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('account.show') }}
        />
      )}
      {isSet ? (
        <Button variant="subtle" size="compact-sm" color="gray" mt={4} onClick={() => onChange(undefined)}>
          {t('secret.keep')}
        </Button>
      ) : null}
    </div>
  );
}
