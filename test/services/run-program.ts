import { spawnSync } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** To run as another user. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a program to its end and returns its standard output; anything but exit code 0 within the time is an Error with what it said. */
export function runProgram(program: string, parameters: readonly string[], options: ProgramOptions = {}): string {
  const done = spawnSync(program, parameters, {
    cwd: options.cwd,
    uid: options.uid,
    gid: options.gid,
    timeout: options.timeoutMs ?? 180_000,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  if (done.error !== undefined) throw new Error(`${program} did not run: ${done.error.message}`, { cause: done.error });
  if (done.status === 0) return done.stdout;
  const ending = done.signal === null ? `exit code ${done.status}` : `signal ${done.signal}`;
  throw new Error(`${program} … ${parameters.at(-1) ?? ''} ended with ${ending}: ${done.stderr.trim().split('\n').slice(-3).join(' | ')}`);
}

/** True when the program is on PATH. */
export function hasProgram(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status === 0;
}
