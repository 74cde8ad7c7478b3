import type { Schedule } from '@holdfast/contract';
import { NativeSelect, NumberInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ZoneField } from '../zone-field.tsx';
import { DaysOfWeek } from './days-of-week.tsx';
import classes from './schedule.module.css';
import { asKind, kindOf, type ScheduleKind, scheduleKinds } from './schedule-kind.ts';
import { SchedulePreview } from './schedule-preview.tsx';
import { SetsEditor } from './sets-editor.tsx';

export interface ScheduleFieldProps {
  readonly value: Schedule | null;
  readonly timeZone: string;
  readonly onChange: (schedule: Schedule | null) => void;
  readonly onTimeZone: (zone: string) => void;
  readonly error?: string | undefined;
  readonly zoneError?: string | undefined;
}

/** When a backup runs: a usual way, five sets, or cron; with what that means below. */
export function ScheduleField({ value, timeZone, onChange, onTimeZone, error, zoneError }: ScheduleFieldProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<ScheduleKind>(() => kindOf(value));
  const change = (next: ScheduleKind): void => {
    setKind(next);
    onChange(asKind(next, value));
  };
  const sets = value !== null && !('cron' in value) ? value : undefined;
  const time = `${two(sets?.hours?.[0] ?? 0)}:${two(sets?.minutes?.[0] ?? 0)}`;
  return (
    <Stack gap="md">
      <div className={classes['line']}>
        <NativeSelect
          label={t('schedule.runs')}
          value={kind}
          onChange={(event) => change(event.currentTarget.value as ScheduleKind)}
          data={scheduleKinds.map((one) => ({ value: one, label: t(`schedule.kind.${one}`) }))}
          error={kind === 'cron' ? undefined : error}
        />
        {kind === 'hourly' && sets !== undefined ? (
          <NumberInput
            label={t('schedule.atMinute')}
            min={0}
            max={59}
            clampBehavior="strict"
            value={sets.minutes?.[0] ?? 0}
            onChange={(minute) => onChange({ ...sets, minutes: [Number(minute)] })}
          />
        ) : null}
        {kind === 'monthly' && sets !== undefined ? (
          <NumberInput
            label={t('schedule.onDay')}
            min={1}
            max={31}
            clampBehavior="strict"
            value={sets.daysOfMonth?.[0] ?? 1}
            onChange={(day) => onChange({ ...sets, daysOfMonth: [Math.max(1, Number(day))] })}
          />
        ) : null}
        {(kind === 'daily' || kind === 'weekly' || kind === 'monthly') && sets !== undefined ? (
          <TextInput
            type="time"
            label={t('schedule.at')}
            value={time}
            onChange={(event) => {
              const [hour, minute] = event.currentTarget.value.split(':').map(Number);
              if (hour !== undefined && minute !== undefined) onChange({ ...sets, hours: [hour], minutes: [minute] });
            }}
          />
        ) : null}
        {kind === 'manual' ? null : <ZoneField label={t('schedule.zone')} value={timeZone} onChange={onTimeZone} error={zoneError} />}
      </div>
      {kind === 'weekly' && sets !== undefined ? (
        <DaysOfWeek value={sets.daysOfWeek ?? []} onChange={(daysOfWeek) => onChange({ ...sets, daysOfWeek })} />
      ) : null}
      {kind === 'sets' && sets !== undefined ? <SetsEditor value={sets} onChange={onChange} /> : null}
      {value !== null && 'cron' in value ? (
        <TextInput
          label={t('schedule.cron')}
          description={t('schedule.cronHint')}
          value={value.cron}
          onChange={(event) => onChange({ ...value, cron: event.currentTarget.value })}
          error={error}
          spellCheck={false}
          classNames={{ input: classes['mono'] ?? '' }}
        />
      ) : null}
      {value === null ? (
        <p className={classes['note']}>{t('schedule.manualNote')}</p>
      ) : (
        <>
          <NumberInput
            label={t('schedule.jitter')}
            description={t('schedule.jitterHint')}
            min={0}
            max={1440}
            suffix={` ${t('schedule.minutes')}`}
            value={(value.jitterSeconds ?? 0) / 60}
            onChange={(minutes) => {
              const { jitterSeconds: _, ...rest } = value;
              onChange(Number(minutes) > 0 ? { ...rest, jitterSeconds: Math.round(Number(minutes) * 60) } : rest);
            }}
            maw={320}
          />
          <SchedulePreview schedule={value} timeZone={timeZone} />
        </>
      )}
    </Stack>
  );
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
