import { useTranslation } from 'react-i18next';
import { weekdayName } from './calendar-names.ts';
import { SetPicker } from './set-picker.tsx';

export interface DaysOfWeekProps {
  readonly value: readonly number[];
  readonly onChange: (days: number[]) => void;
}

/** Days of a weekly backup; the last one cannot be taken away. */
export function DaysOfWeek({ value, onChange }: DaysOfWeekProps) {
  const { t } = useTranslation();
  return (
    <SetPicker
      label={t('schedule.onDays')}
      lowest={1}
      highest={7}
      value={value}
      name={weekdayName}
      onChange={(days) => (days.length > 0 ? onChange(days) : undefined)}
    />
  );
}
