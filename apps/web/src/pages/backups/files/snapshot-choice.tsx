import type { StoredSnapshot } from '@holdfast/contract';
import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pin, PinOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../../api/client.ts';
import { formatBytes, formatNumber, formatWeekdayTime } from '../../../parts/format.ts';
import { Panel } from '../../../parts/panel.tsx';
import { sayProblem } from '../../../parts/say.ts';
import { Status } from '../../../parts/status.tsx';
import { useNames } from '../../../parts/use-names.ts';
import classes from './files.module.css';

export interface SnapshotChoiceProps {
  readonly snapshots: readonly StoredSnapshot[];
  readonly chosen: StoredSnapshot;
  readonly timeZone: string;
  readonly onChoose: (id: string) => void;
  /** Where older ones have not been asked for. */
  readonly onMore?: () => void;
}

/** Which snapshot is looked at, and what is known of it. */
export function SnapshotChoice({ snapshots, chosen, timeZone, onChoose, onMore }: SnapshotChoiceProps) {
  const { t } = useTranslation();
  const { storageName } = useNames();
  const queries = useQueryClient();
  const pin = useMutation(
    orpc.snapshots.pin.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: orpc.snapshots.list.key() }),
      onError: sayProblem,
    }),
  );
  return (
    <Panel>
      <div className={classes['choice']}>
        <NativeSelect
          label={t('files.snapshot')}
          value={chosen.id}
          onChange={(event) => onChoose(event.currentTarget.value)}
          data={snapshots.map((snapshot) => ({
            value: snapshot.id,
            label: [
              formatWeekdayTime(snapshot.timeMs, timeZone),
              storageName(snapshot.storageServerId),
              ...(snapshot.pinned ? [t('files.pinned')] : []),
            ].join(' · '),
          }))}
          classNames={{ root: classes['select'] ?? '' }}
        />
        {onMore === undefined ? null : (
          <Button variant="default" onClick={onMore}>
            {t('files.older')}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={chosen.pinned ? <PinOff size={15} aria-hidden="true" /> : <Pin size={15} aria-hidden="true" />}
          loading={pin.isPending}
          title={t('files.pinHint')}
          onClick={() => pin.mutate({ id: chosen.id, pinned: !chosen.pinned })}
        >
          {chosen.pinned ? t('files.unpin') : t('files.pin')}
        </Button>
      </div>
      <div className={classes['known']}>
        <Status tone={chosen.complete ? 'good' : 'warn'}>{chosen.complete ? t('files.complete') : t('files.incomplete')}</Status>
        {chosen.files === null ? null : <span>{t('run.files', { count: chosen.files, files: formatNumber(chosen.files) })}</span>}
        {chosen.bytes === null ? null : <span>{formatBytes(chosen.bytes)}</span>}
        {chosen.addedBytes === null ? null : <span>{t('files.added', { bytes: formatBytes(chosen.addedBytes) })}</span>}
        <span className={classes['mono']} title={chosen.snapshotId}>
          {chosen.snapshotId.slice(0, 8)}
        </span>
      </div>
    </Panel>
  );
}
