import type { StoredSnapshot } from '@holdfast/contract';
import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { orpc } from '../../../api/client.ts';
import { fieldError } from '../../../api/problem.ts';
import { PlaceFields } from '../../../parts/backup/place-fields.tsx';
import { DirectoryField } from '../../../parts/directory/directory-field.tsx';
import { ProblemAlert } from '../../../parts/problem-alert.tsx';
import { visibleName } from '../../../parts/visible-name.ts';
import classes from './files.module.css';

export interface RestoreDialogProps {
  readonly snapshot: StoredSnapshot;
  /** The chain that is proposed: that of the backup. */
  readonly chain: readonly string[];
  /** None: everything. */
  readonly paths: readonly string[];
  readonly opened: boolean;
  readonly onClose: () => void;
}

const overwrites = ['if-changed', 'if-newer', 'never', 'always'] as const;
const mostShown = 8;

/** Asks where to and how, then starts the restore and shows it. */
export function RestoreDialog({ snapshot, chain: proposed, paths, opened, onClose }: RestoreDialogProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [chain, setChain] = useState<readonly string[]>(proposed);
  const [target, setTarget] = useState('');
  const [overwrite, setOverwrite] = useState<(typeof overwrites)[number]>('if-changed');
  const [verify, setVerify] = useState(true);
  const [dryRun, setDryRun] = useState(false);
  const start = useMutation(
    orpc.runs.startRestore.mutationOptions({
      onSuccess: ({ id }) => void navigate({ to: '/reports/$runId', params: { runId: id } }),
    }),
  );
  return (
    <Modal opened={opened} onClose={onClose} title={t('restore.title')} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate({
            storedSnapshotId: snapshot.id,
            paths: [...paths],
            chain: [...chain],
            target: target.trim(),
            overwrite,
            verify,
            dryRun,
          });
        }}
      >
        <Stack gap="md">
          {paths.length === 0 ? (
            <Text>{t('restore.everything')}</Text>
          ) : (
            <div>
              <Text>{t('restore.chosen', { count: paths.length })}</Text>
              <ul className={classes['chosen']}>
                {paths.slice(0, mostShown).map((path) => (
                  <li key={path}>
                    <bdi>{visibleName(path)}</bdi>
                  </li>
                ))}
                {paths.length > mostShown ? <li>{t('restore.more', { count: paths.length - mostShown })}</li> : null}
              </ul>
            </div>
          )}
          <PlaceFields
            label={t('restore.place')}
            value={chain}
            onChange={setChain}
            errorOf={(index) => fieldError(start.error, index === undefined ? 'chain' : `chain.${index}`)}
          />
          {chain.length === 0 ? (
            <DirectoryField
              label={t('restore.target')}
              description={t('restore.targetHint')}
              required
              value={target}
              onChange={setTarget}
              error={fieldError(start.error, 'target')}
            />
          ) : (
            <TextInput
              label={t('restore.target')}
              description={t('restore.targetThere')}
              placeholder="/srv/restored"
              required
              withAsterisk={false}
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              value={target}
              onChange={(event) => setTarget(event.currentTarget.value)}
              error={fieldError(start.error, 'target')}
            />
          )}
          <NativeSelect
            label={t('restore.overwrite')}
            value={overwrite}
            onChange={(event) => setOverwrite(overwrites.find((one) => one === event.currentTarget.value) ?? 'if-changed')}
            data={overwrites.map((one) => ({ value: one, label: t(`restore.overwrites.${one}`) }))}
            error={fieldError(start.error, 'overwrite')}
          />
          <Checkbox
            label={t('restore.verify')}
            description={t('restore.verifyHint')}
            checked={verify}
            onChange={(event) => setVerify(event.currentTarget.checked)}
          />
          <Checkbox
            label={t('restore.dryRun')}
            description={t('restore.dryRunHint')}
            checked={dryRun}
            onChange={(event) => setDryRun(event.currentTarget.checked)}
          />
          <ProblemAlert error={start.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={start.isPending}>
              {dryRun ? t('restore.try') : t('restore.start')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
