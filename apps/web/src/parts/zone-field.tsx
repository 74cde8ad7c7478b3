import { Autocomplete } from '@mantine/core';

export interface ZoneFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (zone: string) => void;
  readonly error?: string | undefined;
}

/** A time zone by its name; those that the browser knows are proposed. */
export function ZoneField({ label, value, onChange, error }: ZoneFieldProps) {
  return (
    <Autocomplete
      label={label}
      value={value}
      onChange={onChange}
      data={['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]}
      limit={50}
      error={error}
      maxDropdownHeight={260}
    />
  );
}
