import { CodedError } from '@holdfast/kernel';
import { ProgressLine } from './progress-line.ts';
import type { RepositoryFlags } from './repository-flags.ts';

/** What a command needs of its surroundings: where to write, how much, and when to stop. */
export class RunContext {
  /** The name of the verb that was called. */
  readonly verb: string;
  readonly flags: RepositoryFlags;
  readonly json: boolean;
  /** 0 quiet, 1 normal, 2 and more verbose. */
  readonly verbosity: number;
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
  /** The exit code of a run that ends without an error. */
  exitCode = 0;

  constructor(verb: string, flags: RepositoryFlags, signal: AbortSignal) {
    this.verb = verb;
    this.flags = flags;
    this.json = flags.json === true;
    this.verbosity = flags.quiet === true ? 0 : 1 + (flags.verbose ?? 0);
    this.signal = signal;
    const wanted = Number(process.env['HOLDFAST_PROGRESS_FPS'] ?? process.env['RESTIC_PROGRESS_FPS'] ?? '10');
    this.progress = new ProgressLine(process.stderr, !this.json && this.verbosity > 0, wanted > 0 && wanted <= 60 ? wanted : 10);
  }

  /** For people; nothing when quiet or when a program listens. */
  say(text: string, verbosity = 1): void {
    if (this.json || this.verbosity < verbosity) return;
    this.progress.clear();
    process.stdout.write(`${text}\n`);
  }

  /** What was asked for: also when quiet. */
  print(text: string): void {
    this.progress.clear();
    process.stdout.write(`${text}\n`);
  }

  /** One JSON message a line, for programs; nothing otherwise. */
  message(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  warn(text: string): void {
    this.progress.clear();
    process.stderr.write(`${text}\n`);
  }
}

/** An error in what the user wrote. */
export function usageError(message: string, hint: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message, hint });
}
