import type { RetentionPolicy } from '@holdfast/contract';
import { NativeSelect, NumberInput, Stack, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './retention.module.css';

export interface RetentionFieldProps {
  readonly value: RetentionPolicy;
  readonly onChange: (policy: RetentionPolicy) => void;
  /** What is wrong with a setting of the policy. */
  readonly errorOf: (setting: string) => string | undefined;
}

const spans = [
  'keep_all_backups_for_days',
  'keep_daily_backups_for_days',
  'keep_weekly_backups_for_weeks',
  'keep_monthly_backups_for_months',
  'keep_yearly_backups_for_years',
] as const;
const cap = 'delete_oldest_backups_when_using_more_megabytes_than';
const usualCapMegabytes = 5000;

/** Which snapshots stay. */
export function RetentionField({ value, onChange, errorOf }: RetentionFieldProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <p className={classes['lead']}>{t('retention.lead')}</p>
      <div className={classes['spans']}>
        {spans.map((setting) => (
          <NumberInput
            key={setting}
            label={t(`retention.${setting}`)}
            suffix={` ${t(`retention.unit.${setting}`)}`}
            min={0}
            allowDecimal={false}
            thousandSeparator=" "
            value={value[setting]}
            onChange={(number) => onChange({ ...value, [setting]: Number(number) })}
            error={errorOf(setting)}
          />
        ))}
        <NativeSelect
          label={t('retention.representative')}
          value={value.representative}
          onChange={(event) => onChange({ ...value, representative: event.currentTarget.value === 'earliest' ? 'earliest' : 'latest' })}
          data={[
            { value: 'latest', label: t('retention.latest') },
            { value: 'earliest', label: t('retention.earliest') },
          ]}
        />
      </div>
      <div className={classes['cap']}>
        <Switch
          label={t('retention.limit')}
          description={t('retention.limitHint')}
          checked={value[cap] !== null}
          onChange={(event) => onChange({ ...value, [cap]: event.currentTarget.checked ? usualCapMegabytes : null })}
        />
        {value[cap] === null ? null : (
          <NumberInput
            aria-label={t('retention.limit')}
            suffix={` ${t('retention.megabytes')}`}
            min={1}
            allowDecimal={false}
            thousandSeparator=" "
            value={value[cap]}
            onChange={(number) => onChange({ ...value, [cap]: Number(number) })}
            error={errorOf(cap)}
            maw={240}
          />
        )}
      </div>
    </Stack>
  );
}
