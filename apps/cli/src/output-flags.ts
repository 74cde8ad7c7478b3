import type { Command } from 'commander';

/** The options that every command takes. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: number;
}

export function addOutputFlags(command: Command): Command {
  return command
    .option('--json', 'write messages for programs')
    .option('-q, --quiet', 'write only errors and what was asked for')
    .option('-v, --verbose', 'write more; twice for still more', (_: string, before: number | undefined) => (before ?? 0) + 1);
}
