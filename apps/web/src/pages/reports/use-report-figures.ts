import type { RunReport } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import type { FactsProps } from '../../parts/facts.tsx';
import { formatBytes, formatNumber } from '../../parts/format.ts';

/** The figures of a report, by its kind. */
export function useReportFigures(report: RunReport): FactsProps['items'] {
  const { t } = useTranslation();
  const number = (label: string, value: number) => ({ label, value: formatNumber(value) });
  const bytes = (label: string, value: number) => ({ label, value: formatBytes(value) });
  const yes = (label: string, value: boolean) => ({ label, value: value ? t('figure.yes') : t('figure.no') });
  switch (report.kind) {
    case 'backup':
      return [
        number(t('figure.files'), report.files),
        bytes(t('figure.bytes'), report.bytes),
        number(t('figure.filesNew'), report.filesNew),
        number(t('figure.filesChanged'), report.filesChanged),
        number(t('figure.filesUnmodified'), report.filesUnmodified),
        number(t('figure.directories'), report.directories),
        number(t('figure.itemsLeftOut'), report.itemsLeftOut),
      ];
    case 'restore':
      return [
        { label: t('figure.target'), value: report.target, wide: true },
        number(t('figure.filesPlanned'), report.filesPlanned),
        number(t('figure.filesRestored'), report.filesRestored),
        number(t('figure.filesKept'), report.filesKept),
        bytes(t('figure.bytesWritten'), report.bytesWritten),
        yes(t('figure.verified'), report.verified),
        yes(t('figure.dryRun'), report.dryRun),
      ];
    case 'push':
      return [
        { label: t('figure.target'), value: report.target === '' ? '–' : report.target, wide: true },
        number(t('figure.restored'), report.restored.length),
      ];
    case 'check':
      return [
        number(t('figure.errors'), report.errorCount),
        number(t('backups.snapshots'), report.snapshots),
        number(t('figure.packs'), report.packs),
        number(t('figure.packsRead'), report.packsRead),
        bytes(t('figure.bytesRead'), report.bytesRead),
      ];
    case 'prune':
      return [
        bytes(t('figure.bytesBefore'), report.bytesBefore),
        bytes(t('figure.bytesAfter'), report.bytesAfter),
        bytes(t('figure.bytesRemoved'), report.bytesRemoved),
        bytes(t('figure.bytesRepacked'), report.bytesRepacked),
        number(t('figure.packsRemoved'), report.packsRemoved),
      ];
    case 'measure':
      return [
        number(t('backups.snapshots'), report.present.length),
        bytes(
          t('figure.measured'),
          report.growthBytes.reduce((sum, growth) => sum + growth, 0),
        ),
      ];
    case 'forget':
      return [number(t('figure.removed'), report.removed.length), number(t('figure.remaining'), report.remaining.length)];
  }
}
