import type { Notice } from '@holdfast/contract';
import { formatCount, formatDuration, formatSize, formatTime } from './format-for-people.ts';
import type { Fact } from './message.ts';
import { foreignText } from './single-line.ts';

const mostDestinations = 10;
const mostUnits = { name: 100, text: 200, code: 60 };

/** What is known of the event, as pairs: each storage server, what was read, how long it took, when, and when it runs next. */
export function composeFacts(notice: Notice): readonly Fact[] {
  const facts: Fact[] = [...destinationFacts(notice)];
  const amount = amountOf(notice);
  if (amount !== undefined) facts.push({ label: amountLabel(notice.runKind), value: amount });
  if (notice.itemCount > 0 && notice.event !== 'warning')
    facts.push({ label: 'Items with problems', value: formatCount(notice.itemCount, '', '').trim() });
  if (notice.durationMs !== null) facts.push({ label: 'Took', value: formatDuration(notice.durationMs) });
  if (notice.error !== null) facts.push({ label: 'Error code', value: foreignText(notice.error.code, mostUnits.code) });
  facts.push({ label: 'When', value: formatTime(notice.atMs, notice.timeZone) });
  if (notice.nextRunMs !== null) facts.push({ label: 'Next run', value: formatTime(notice.nextRunMs, notice.timeZone) });
  else if (hasSchedule(notice)) facts.push({ label: 'Next run', value: 'none is planned' });
  return facts;
}

/** Of a restore or a check nobody expects another. */
function hasSchedule({ backupId, runKind, event }: Notice): boolean {
  return backupId !== null && event !== 'test' && (runKind === null || runKind === 'backup');
}

/** Those that failed come first, so that a long list does not hide them. */
function destinationFacts({ destinations }: Notice): readonly Fact[] {
  const sorted = [...destinations.filter((one) => !one.ok), ...destinations.filter((one) => one.ok)];
  const facts = sorted.slice(0, mostDestinations).map(({ name, ok, text }) => ({
    label: foreignText(name, mostUnits.name),
    value: foreignText(text, mostUnits.text),
    ok,
  }));
  const rest = sorted.slice(mostDestinations);
  if (rest.length === 0) return facts;
  const failed = rest.filter((one) => !one.ok).length;
  const value = `${formatCount(rest.length, 'storage server', 'storage servers')}, ${failed === 0 ? 'all well' : `${failed} failed`}`;
  return [...facts, { label: 'Besides', value, ok: failed === 0 }];
}

function amountOf({ files, bytes, addedBytes }: Notice): string | undefined {
  const parts: string[] = [];
  if (files !== null) parts.push(formatCount(files, 'file', 'files'));
  if (bytes !== null) parts.push(formatSize(bytes));
  if (addedBytes !== null) parts.push(`${formatSize(addedBytes)} of it new`);
  return parts.length === 0 ? undefined : parts.join(', ');
}

function amountLabel(runKind: string | null): string {
  switch (runKind) {
    case 'backup':
      return 'Backed up';
    case 'restore':
      return 'Restored';
    case 'check':
      return 'Checked';
    default:
      return 'Amount';
  }
}
