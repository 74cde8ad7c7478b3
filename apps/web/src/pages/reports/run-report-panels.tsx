import type { RunReport } from '@holdfast/contract';
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { CheckFindings } from './check-findings.tsx';
import { DestinationTable } from './destination-table.tsx';
import { ItemTable } from './item-table.tsx';
import { PushPanels } from './push-panels.tsx';
import { useReportFigures } from './use-report-figures.ts';

/** What a run ended with: figures, destinations, findings, items. */
export function RunReportPanels({ report }: { readonly report: RunReport }) {
  const { t } = useTranslation();
  const figures = useReportFigures(report);
  return (
    <Stack gap="lg">
      <Panel title={t('run.figures')}>
        <Facts items={figures} />
      </Panel>
      {report.kind === 'backup' ? <DestinationTable destinations={report.destinations} /> : null}
      {report.kind === 'push' ? <PushPanels report={report} /> : null}
      {report.kind === 'check' ? <CheckFindings report={report} /> : null}
      {report.items.length === 0 ? null : <ItemTable items={report.items} count={report.itemCount} />}
    </Stack>
  );
}
