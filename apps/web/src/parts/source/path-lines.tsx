import { Button, Stack } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { PathLine } from './path-line.tsx';
import classes from './source.module.css';

export interface PathLinesProps {
  readonly label: string;
  readonly description: string;
  readonly paths: readonly string[];
  readonly onChange: (paths: string[]) => void;
  /** Whether the directories of the Holdfast machine are the ones that are meant. */
  readonly isHere: boolean;
  readonly errorOf: (field: string) => string | undefined;
}

/** Several paths, one a line. */
export function PathLines({ label, description, paths, onChange, isHere, errorOf }: PathLinesProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={classes['group']}>
      <legend className={classes['legend']}>{label}</legend>
      <p className={classes['hint']}>{description}</p>
      <Stack gap="xs">
        {paths.map((path, index) => (
          <PathLine
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no name but its place
            key={index}
            number={index + 1}
            isHere={isHere}
            value={path}
            onChange={(next) => onChange(paths.with(index, next))}
            error={errorOf(`paths.${index}`) ?? (paths.length === 1 ? errorOf('paths') : undefined)}
            {...(paths.length < 2 ? {} : { onRemove: () => onChange(paths.toSpliced(index, 1)) })}
          />
        ))}
      </Stack>
      <Button
        variant="subtle"
        size="compact-sm"
        mt="xs"
        leftSection={<Plus size={14} aria-hidden="true" />}
        onClick={() => onChange([...paths, ''])}
      >
        {t('config.addPath')}
      </Button>
    </fieldset>
  );
}
