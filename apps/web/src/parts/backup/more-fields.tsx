import type { BackupConfig, Compression } from '@holdfast/contract';
import { NativeSelect, NumberInput, Stack, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './backup.module.css';

export interface MoreFieldsProps {
  readonly value: BackupConfig;
  readonly onChange: (part: Partial<BackupConfig>) => void;
  readonly errorOf: (field: string) => string | undefined;
}

const levels: readonly Compression[] = ['auto', 'better', 'max', 'off'];

/** What seldom needs a change: compression, limits, retries, messages. */
export function MoreFields({ value, onChange, errorOf }: MoreFieldsProps) {
  const { t } = useTranslation();
  const known = levels.includes(value.compression) ? levels : [...levels, value.compression];
  return (
    <Stack gap="md">
      <div className={classes['pair']}>
        <NativeSelect
          label={t('config.compression')}
          value={String(value.compression)}
          onChange={(event) => {
            const chosen = known.find((level) => String(level) === event.currentTarget.value);
            if (chosen !== undefined) onChange({ compression: chosen });
          }}
          data={known.map((level) => ({
            value: String(level),
            label: typeof level === 'number' ? t('config.compressionLevel', { level }) : t(`config.compressions.${level}`),
          }))}
          error={errorOf('compression')}
        />
        <NumberInput
          label={t('config.timeLimit')}
          suffix={` ${t('config.hours')}`}
          min={0.1}
          max={168}
          decimalScale={1}
          value={Math.round(value.timeLimitMinutes / 6) / 10}
          onChange={(hours) => onChange({ timeLimitMinutes: Math.max(1, Math.round(Number(hours) * 60)) })}
          error={errorOf('timeLimitMinutes')}
        />
        <NumberInput
          label={t('config.retries')}
          min={0}
          max={10}
          allowDecimal={false}
          value={value.retries.times}
          onChange={(times) => onChange({ retries: { ...value.retries, times: Number(times) } })}
          error={errorOf('retries.times')}
        />
        <NumberInput
          label={t('config.retryPause')}
          suffix={` ${t('schedule.minutes')}`}
          min={1}
          max={1440}
          allowDecimal={false}
          value={value.retries.pauseMinutes}
          onChange={(minutes) => onChange({ retries: { ...value.retries, pauseMinutes: Math.max(1, Number(minutes)) } })}
          error={errorOf('retries.pauseMinutes')}
        />
      </div>
      <Switch
        label={t('config.notifySuccess')}
        description={t('config.notifySuccessHint')}
        checked={value.notifySuccess}
        onChange={(event) => onChange({ notifySuccess: event.currentTarget.checked })}
      />
    </Stack>
  );
}
