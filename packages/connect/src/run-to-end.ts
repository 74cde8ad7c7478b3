import { CodedError } from '@holdfast/kernel';
import { collectTail } from './collect-tail.ts';
import type { Command, ExecOptions, Host, ProcessExit } from './port.ts';

export { collectTail, plainText } from './collect-tail.ts';

export interface RunOptions extends ExecOptions {
  /** More output than that is `command-failed`, and the command is stopped. Default 1 MiB. */
  readonly maximumStdoutBytes?: number;
}

export interface EndedCommand {
  readonly exit: ProcessExit;
  readonly stdout: Uint8Array;
  /** The last 16 KiB, cleaned for people. */
  readonly stderrTail: string;
}

/** Runs a command that answers shortly. How it ended is for the caller to judge: `requireSuccess` is there for the usual judgement. */
export async function runToEnd(host: Host, command: Command, options: RunOptions = {}): Promise<EndedCommand> {
  await using running = await host.exec(command, options);
  const limit = options.maximumStdoutBytes ?? 1024 * 1024;
  const [stdout, stderrTail, exit] = await Promise.all([collect(running.stdout, limit), collectTail(running.stderr), running.exit]);
  return { exit, stdout, stderrTail };
}

/** Whether the command ended by itself with exit code 0. */
export function succeeded(exit: ProcessExit): boolean {
  return exit.kind === 'exited' && exit.code === 0;
}

/** `ended with exit code 2`, for messages. */
export function describeExit(exit: ProcessExit): string {
  return exit.kind === 'exited' ? `ended with exit code ${exit.code}` : `was ended by the signal ${exit.signal}`;
}

/** Passes on what ended with exit code 0; everything else is `command-failed` with the last line that the command said. */
export function requireSuccess(ended: EndedCommand, what: string): EndedCommand {
  if (succeeded(ended.exit)) return ended;
  const said = ended.stderrTail.trim().split('\n').at(-1) ?? '';
  throw new CodedError({
    code: 'command-failed',
    message: `${what} ${describeExit(ended.exit)}${said === '' ? '' : `: ${said}`}`,
    context: ended.exit.kind === 'exited' ? { exitCode: ended.exit.code } : { signal: ended.exit.signal },
  });
}

async function collect(stream: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of stream) {
    size += bytes.length;
    if (size > limitBytes) {
      const message = `A command that should answer shortly gave more than ${limitBytes} bytes`;
      throw new CodedError({ code: 'command-failed', message, context: { limitBytes } });
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
