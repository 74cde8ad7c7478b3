import type { CheckReport } from '@holdfast/contract';
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../parts/panel.tsx';
import classes from './reports.module.css';

/** What a check has found damaged, what that touches and what helps. */
export function CheckFindings({ report }: { readonly report: CheckReport }) {
  const { t } = useTranslation();
  const lists = [
    { key: 'errors', title: t('check.errors'), lines: report.errors },
    { key: 'hints', title: t('check.hints'), lines: report.hints },
    { key: 'snapshots', title: t('check.snapshots'), lines: report.damagedSnapshots },
    { key: 'paths', title: t('check.paths'), lines: report.affectedPaths },
  ].filter(({ lines }) => lines.length > 0);
  return (
    <Stack gap="lg">
      {lists.map(({ key, title, lines }) => (
        <Panel key={key} title={title}>
          <ul className={classes['reasons']}>
            {lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a report that never changes
              <li key={index}>{line}</li>
            ))}
          </ul>
        </Panel>
      ))}
    </Stack>
  );
}
