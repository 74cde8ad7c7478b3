import { layoutMessage, type Span } from '../message/layout-message.ts';
import type { Message } from '../message/message.ts';
import { cutText, singleLine } from '../message/single-line.ts';

/**
 * The most that a message holds once its markup is taken away. Telegram counts characters and its clients UTF-16 units; the stricter of the
 * two is kept. Escaped, this never reaches the 35 000 bytes after which Telegram cuts a text in the middle of its markup.
 */
const mostUnits = 4096;
const longestLink = 1000;

/** A message in the HTML that Telegram reads. Too long a body is cut between characters, each tag closed; title and link always stay. */
export function telegramHtml(message: Message): string {
  const link = linkOf(message);
  const end: readonly Span[] = link === undefined ? [] : [{ text: '\n\n', style: 'plain' }, link];
  const endUnits = end.reduce((sum, span) => sum + span.text.length, 0);
  const body = clipSpans(trimEnd(joinLines(layoutMessage(message))), mostUnits - endUnits);
  return [...body, ...end].map(spanHtml).join('');
}

function linkOf({ link }: Message): Span | undefined {
  if (link === null) return undefined;
  const text = singleLine(link).trim();
  return text.length > longestLink || text === '' ? undefined : { text, style: 'link' };
}

function joinLines(lines: readonly (readonly Span[])[]): readonly Span[] {
  return lines.flatMap((line, index): readonly Span[] => (index === 0 ? line : [{ text: '\n', style: 'plain' }, ...line]));
}

function clipSpans(spans: readonly Span[], mostUnits: number): readonly Span[] {
  const kept: Span[] = [];
  let room = mostUnits;
  for (const span of spans) {
    // One unit is kept for the ellipsis, unless this is the end of all.
    const isLast = span === spans.at(-1);
    if (span.text.length <= (isLast ? room : room - 1)) {
      kept.push(span);
      room -= span.text.length;
      continue;
    }
    kept.push({ ...span, text: cutText(span.text, room) });
    break;
  }
  return kept;
}

/** Telegram takes white space off the end by itself; it is not to count as text here. */
function trimEnd(spans: readonly Span[]): readonly Span[] {
  const trimmed = [...spans];
  for (let last = trimmed.pop(); last !== undefined; last = trimmed.pop()) {
    const text = last.text.trimEnd();
    if (text !== '') return [...trimmed, { ...last, text }];
  }
  return [];
}

function spanHtml({ text, style }: Span): string {
  if (text === '') return '';
  const escaped = escapeHtml(text);
  switch (style) {
    case 'plain':
      return escaped;
    case 'bold':
      return `<b>${escaped}</b>`;
    case 'verbatim':
      return `<code>${escaped}</code>`;
    case 'link':
      return `<a href="${escaped}">${escaped}</a>`;
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
