import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads on standard input; nothing without it. */
  readonly input?: string | Uint8Array;
  /** Lets it wait for input that never comes. */
  readonly keepInputOpen?: boolean;
  /** Gets the child as soon as it runs, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

const main = fileURLToPath(new URL('../../apps/cli/bin/holdfast.js', import.meta.url));

/** Runs a program to its end. Never rejects for how it ended: the caller looks. */
export async function runProgram(program: string, arguments_: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(program, arguments_, {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    stdio: [options.input === undefined && options.keepInputOpen !== true ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes));
  child.stdin?.on('error', () => undefined); // it may end before it has read all
  if (options.keepInputOpen !== true) child.stdin?.end(options.input);
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  child.on('error', reject);
  child.on('close', (code, signal) => {
    resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
  });
  options.onStart?.(child);
  return promise;
}

/** Runs `holdfast repo …` from the sources. */
export function runHoldfast(arguments_: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runProgram(process.execPath, [main, 'repo', ...arguments_], options);
}

/** Runs `holdfast …` from the sources. */
export function runCommand(arguments_: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runProgram(process.execPath, [main, ...arguments_], options);
}
