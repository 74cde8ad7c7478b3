import type { Notice } from '@holdfast/contract';
import { composeFacts } from './compose-facts.ts';
import { formatCount } from './format-for-people.ts';
import type { Message, MessageLine, Severity } from './message.ts';
import { foreignText } from './single-line.ts';

const mostUnits = { name: 100, reason: 900, hint: 500, link: 1000 };

/** Says a notice in words: what happened, to which backup, why, what to do, where, and when it runs next. Takes any notice. */
export function composeMessage(notice: Notice): Message {
  return {
    severity: severities[notice.event],
    title: titleOf(notice),
    lines: linesOf(notice),
    facts: composeFacts(notice),
    link: linkOf(notice.link),
  };
}

const severities: Readonly<Record<Notice['event'], Severity>> = {
  failed: 'bad',
  warning: 'warning',
  recovered: 'good',
  missed: 'warning',
  overdue: 'bad',
  succeeded: 'good',
  test: 'information',
};

function titleOf(notice: Notice): string {
  const subject = subjectOf(notice);
  switch (notice.event) {
    case 'failed':
      return `${subject} failed`;
    case 'warning':
      return notice.runId === null ? `${subject} needs attention` : `${subject} ended with warnings`;
    case 'recovered':
      return `${subject} works again`;
    case 'missed':
      return `${subject} missed ${formatCount(notice.missedCount, 'run', 'runs')}`;
    case 'overdue':
      return `${subject} is overdue`;
    case 'succeeded':
      return `${subject} succeeded`;
    case 'test':
      return 'Test message from Holdfast';
  }
}

function subjectOf({ title, backupId, runKind }: Notice): string {
  const name = `“${foreignText(title, mostUnits.name)}”`;
  const thing = `${backupId === null ? 'storage server' : 'backup'} ${name}`;
  switch (runKind) {
    case 'restore':
      return `Restore of ${thing}`;
    case 'check':
      return `Check of ${thing}`;
    case 'prune':
      return `Clean-up of ${thing}`;
    case 'retention':
      return `Retention of ${thing}`;
    default:
      return thing[0]?.toUpperCase() + thing.slice(1);
  }
}

function linesOf(notice: Notice): readonly MessageLine[] {
  const { error } = notice;
  const lines: MessageLine[] = [];
  const what = happened(notice);
  if (what !== undefined) lines.push({ text: what });
  if (error !== null) lines.push({ text: foreignText(error.message, mostUnits.reason), verbatim: true });
  const advice = adviceOn(notice);
  if (advice !== undefined) lines.push({ text: `What to do: ${advice}` });
  return lines;
}

function happened({ event, error, itemCount, missedCount }: Notice): string | undefined {
  switch (event) {
    case 'failed':
      return error === null ? 'No reason was recorded.' : undefined;
    case 'warning':
      return itemCount > 0
        ? `${formatCount(itemCount, 'item', 'items')} ${itemCount === 1 ? 'has a problem' : 'have problems'}.`
        : undefined;
    case 'recovered':
      return 'It had failed before. The latest run succeeded.';
    case 'missed':
      return `${missedCount === 1 ? 'It was' : 'They were'} due and did not happen.`;
    case 'overdue':
      return 'It should have succeeded by now, and has not.';
    case 'succeeded':
      return undefined;
    case 'test':
      return 'If you can read this, Holdfast reaches you here.';
  }
}

function adviceOn({ event, error, itemCount }: Notice): string | undefined {
  if (error?.hint != null) return foreignText(error.hint, mostUnits.hint);
  switch (event) {
    case 'failed':
      return 'Read the log of the run.';
    case 'warning':
      return itemCount > 0 ? 'The report lists each of them with its reason.' : 'Read the report of the run.';
    case 'missed':
      return 'See that Holdfast was running at that time and that no other run took too long.';
    case 'overdue':
      return 'See that Holdfast keeps running and how the latest runs of this backup ended.';
    case 'recovered':
    case 'succeeded':
    case 'test':
      return undefined;
  }
}

function linkOf(link: string | null): string | null {
  if (link === null || link.length > mostUnits.link) return null;
  const url = URL.parse(link);
  // As the parser writes it: without spaces, quotes or characters of other alphabets.
  return url !== null && /^https?:$/.test(url.protocol) && url.href.length <= mostUnits.link ? url.href : null;
}
