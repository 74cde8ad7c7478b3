import type { Schedule } from '@holdfast/contract';
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { monthName, weekdayName } from './calendar-names.ts';
import { SetPicker } from './set-picker.tsx';

type Sets = Exclude<Schedule, { cron: string }>;

const fields = [
  { field: 'daysOfWeek', lowest: 1, highest: 7, name: weekdayName },
  { field: 'months', lowest: 1, highest: 12, name: monthName },
  { field: 'daysOfMonth', lowest: 1, highest: 31 },
  { field: 'hours', lowest: 0, highest: 23 },
  { field: 'minutes', lowest: 0, highest: 59 },
] as const;

/** The five sets of a schedule; an empty one means every. */
export function SetsEditor({ value, onChange }: { readonly value: Sets; readonly onChange: (sets: Sets) => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      {fields.map(({ field, ...range }) => (
        <SetPicker
          key={field}
          label={t(`schedule.set.${field}`)}
          note={value[field] === undefined ? t('schedule.every') : ''}
          value={value[field] ?? []}
          onChange={(numbers) => {
            const { [field]: _, ...rest } = value;
            onChange(numbers.length === 0 ? rest : { ...rest, [field]: numbers });
          }}
          {...range}
        />
      ))}
    </Stack>
  );
}
