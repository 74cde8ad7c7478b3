import type { BackupConfig, RetentionPolicy } from '@holdfast/contract';
import { storagePlace } from '@holdfast/contract/storage-place';
import { Checkbox, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldError } from '../../api/problem.ts';
import { Panel } from '../panel.tsx';
import { RetentionField } from '../retention/retention-field.tsx';
import { ScheduleField } from '../schedule/schedule-field.tsx';
import { type PasswordDraft, SourceFields } from '../source/source-fields.tsx';
import { useNames } from '../use-names.ts';
import { MoreFields } from './more-fields.tsx';
import { PlaceFields } from './place-fields.tsx';

export interface BackupFieldsProps {
  readonly value: BackupConfig;
  readonly onChange: (config: BackupConfig) => void;
  readonly password: PasswordDraft;
  /** None: it is not stored yet. */
  readonly backupId?: string;
  /** What the last try to store it threw. */
  readonly error: unknown;
  /** Beside the head of the retention policy. */
  readonly retentionAction?: ReactNode;
}

/** All that defines a backup, in five groups. */
export function BackupFields({ value, onChange, password, backupId, error, retentionAction }: BackupFieldsProps) {
  const { t } = useTranslation();
  const { servers } = useNames();
  const errorOf = (field: string): string | undefined => fieldError(error, `config.${field}`);
  const set = (part: Partial<BackupConfig>): void => onChange({ ...value, ...part });
  return (
    <Stack gap="lg">
      <Panel title={t('config.what')}>
        <Stack gap="md">
          <TextInput
            label={t('config.name')}
            placeholder={t('config.namePlaceholder')}
            required
            withAsterisk={false}
            value={value.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={errorOf('name')}
          />
          <PlaceFields
            label={t('source.where')}
            value={value.chain}
            onChange={(chain) => set({ chain })}
            errorOf={(index) => errorOf(index === undefined ? 'chain' : `chain.${index}`)}
          />
          <SourceFields
            value={value.source}
            onChange={(source) => set({ source })}
            chain={value.chain}
            password={password}
            backupId={backupId}
            errorOf={(field) => (field === 'password' ? fieldError(error, 'sourcePassword') : errorOf(`source.${field}`))}
          />
        </Stack>
      </Panel>
      <Panel title={t('config.where')} description={t('config.whereText')}>
        <Checkbox.Group
          aria-label={t('config.where')}
          value={value.storageServerIds}
          onChange={(storageServerIds) => set({ storageServerIds })}
          error={errorOf('storageServerIds')}
        >
          <Stack gap="sm">
            {servers.map((server) => (
              <Checkbox key={server.id} value={server.id} label={server.name} description={storagePlace(server.options)} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Panel>
      <Panel title={t('config.when')}>
        <ScheduleField
          value={value.schedule}
          timeZone={value.timeZone}
          onChange={(schedule) => set({ schedule })}
          onTimeZone={(timeZone) => set({ timeZone })}
          error={errorOf('schedule')}
          zoneError={errorOf('timeZone')}
        />
      </Panel>
      <Panel title={t('config.retention')} actions={retentionAction}>
        <RetentionField
          value={value.retention}
          onChange={(retention: RetentionPolicy) => set({ retention })}
          errorOf={(setting) => errorOf(`retention.${setting}`)}
        />
      </Panel>
      <Panel title={t('config.more')}>
        <MoreFields value={value} onChange={set} errorOf={errorOf} />
      </Panel>
    </Stack>
  );
}
