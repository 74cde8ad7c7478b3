import type { Fact, Message, Severity } from './message.ts';
import { singleLine } from './single-line.ts';

export interface Span {
  readonly text: string;
  readonly style: 'plain' | 'bold' | 'verbatim' | 'link';
}

/** The lines of a message in the order in which people read them, for services that show text. An empty line parts what belongs apart. */
export function layoutMessage(message: Message): readonly (readonly Span[])[] {
  const title: Span[] = [plain(`${signs[message.severity]} `), { text: singleLine(message.title), style: 'bold' }];
  const lines = message.lines.map(({ text, verbatim }): Span[] => [
    { text: singleLine(text), style: verbatim === true ? 'verbatim' : 'plain' },
  ]);
  const facts = message.facts.map((fact) => [plain(factText(fact))]);
  return [title, ...lines, ...(facts.length > 0 ? [[], ...facts] : [])];
}

/** A message as plain text: what is to be read, whatever the service. */
export function messageText(message: Message): string {
  const body = layoutMessage(message).map((line) => line.map((span) => span.text).join(''));
  const link = message.link === null ? '' : singleLine(message.link).trim();
  return `${body.join('\n').trimEnd()}${link === '' ? '' : `\n\n${link}`}`;
}

const signs: Readonly<Record<Severity, string>> = { good: '✅', information: 'ℹ️', warning: '⚠️', bad: '❌' };

function factText({ label, value, ok }: Fact): string {
  const sign = ok === undefined ? '' : ok ? `${signs.good} ` : `${signs.bad} `;
  return `${sign}${singleLine(label)}: ${singleLine(value)}`;
}

function plain(text: string): Span {
  return { text, style: 'plain' };
}
