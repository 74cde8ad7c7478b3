/** How a message is marked: a sender shows it by a sign, a colour or a priority. */
export type Severity = 'good' | 'information' | 'warning' | 'bad';

export interface MessageLine {
  readonly text: string;
  /** Words of a program, not of Holdfast: shown as they are, and nothing in them becomes a link. */
  readonly verbatim?: boolean;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Marks the fact as good or bad. */
  readonly ok?: boolean;
}

/** A message to people without the form that a service wants: texts of one line each, in any characters, never markup. */
export interface Message {
  readonly severity: Severity;
  readonly title: string;
  readonly lines: readonly MessageLine[];
  readonly facts: readonly Fact[];
  /** A whole address, http or https. */
  readonly link: string | null;
}
