import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../../parts/visible-name.ts';
import classes from './files.module.css';

export interface ConfirmReplaceProps {
  /** Where it happens. */
  readonly place: string;
  /** What is replaced. */
  readonly names: readonly string[];
  readonly isPending: boolean;
  readonly onBack: () => void;
  readonly onConfirm: () => void;
}

/** Names what a restore replaces, and wants to be told that this is meant. */
export function ConfirmReplace({ place, names, isPending, onBack, onConfirm }: ConfirmReplaceProps) {
  const { t } = useTranslation();
  const [isSure, setSure] = useState(false);
  return (
    <Stack gap="md">
      <Text>{t('push.confirm', { place })}</Text>
      <ul className={classes['chosen']}>
        {names.map((name) => (
          <li key={name}>
            <bdi>{visibleName(name)}</bdi>
          </li>
        ))}
      </ul>
      <Checkbox label={t('push.confirmKnow')} checked={isSure} onChange={(event) => setSure(event.currentTarget.checked)} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack} data-autofocus>
          {t('push.back')}
        </Button>
        <Button color="red.9" disabled={!isSure} loading={isPending} onClick={onConfirm}>
          {t('push.replaceNow', { count: names.length })}
        </Button>
      </Group>
    </Stack>
  );
}
