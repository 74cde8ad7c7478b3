import type { CallOptions, Command, Host } from '@holdfast/connect/port';
import { runToEnd, succeeded } from '@holdfast/connect/run';
import type { ErrorCode } from '@holdfast/kernel';
import { programFailed, type ReadFailure } from './source-errors.ts';

export interface ToolRun {
  readonly command: Command;
  readonly program: string;
  /** What it is to do, for messages. */
  readonly what: string;
  readonly read: ReadFailure;
  readonly stdin?: AsyncIterable<Uint8Array> | string;
  /** The code of a failure that says nothing known. Default `command-failed`. */
  readonly otherwise?: ErrorCode;
}

export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that answers shortly (at most 64 MiB). Everything but exit code 0 is an error by what it said. */
export async function runTool(host: Host, run: ToolRun, options: CallOptions = {}): Promise<ToolOutput> {
  const stdin = typeof run.stdin === 'string' ? text(run.stdin) : run.stdin;
  const ended = await runToEnd(host, run.command, { ...options, stdin, maximumStdoutBytes: 64 * 1024 * 1024 });
  if (!succeeded(ended.exit)) {
    const { program, what, read, otherwise = 'command-failed' } = run;
    throw programFailed({ what, program, place: host.description, exit: ended.exit, said: ended.stderrTail, read, otherwise });
  }
  return { stdout: new TextDecoder().decode(ended.stdout), stderr: ended.stderrTail };
}

/** What the program says about its version, on one line; `tool-missing` where it is not there. */
export async function toolVersion(host: Host, command: Command, program: string, options: CallOptions = {}): Promise<string> {
  const { stdout } = await runTool(host, { command, program, what: `Asking ${program} for its version`, read: () => undefined }, options);
  return stdout.split('\n')[0]?.trim() ?? '';
}

async function* text(value: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(value);
}
