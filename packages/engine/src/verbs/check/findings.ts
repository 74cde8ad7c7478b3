import { CodedError } from '@holdfast/kernel';
import type { Finding, FindingKind } from './check-report.ts';

/** Collects findings: keeps the first of them, counts all. */
export class Findings {
  readonly errors: Finding[] = [];
  readonly hints: Finding[] = [];
  /** Kinds of what was found, also beyond the limit. */
  readonly kinds = new Set<FindingKind>();
  readonly damagedPacks = new Set<string>();
  readonly damagedSnapshots: string[] = [];
  errorCount = 0;
  hintCount = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  error(kind: FindingKind, name: string, error: CodedError): void {
    this.errorCount += 1;
    this.kinds.add(kind);
    if (kind === 'snapshot') this.damagedSnapshots.push(name);
    if (this.errors.length < this.#limit) this.errors.push({ kind, name, error });
  }

  pack(kind: FindingKind, id: string, message: string, hint?: string): void {
    this.damagedPacks.add(id);
    this.error(kind, id, new CodedError({ code: 'file-damaged', message, context: { pack: id }, ...(hint === undefined ? {} : { hint }) }));
  }

  hint(kind: FindingKind, name: string, message: string, hint: string): void {
    this.hintCount += 1;
    this.kinds.add(kind);
    if (this.hints.length < this.#limit) this.hints.push({ kind, name, error: new CodedError({ code: 'format-invalid', message, hint }) });
  }
}
