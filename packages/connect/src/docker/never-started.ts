import type { ProcessExit } from '../port.ts';
import type { InspectedExec } from './engine-answers.ts';

/**
 * Whether the first bytes of a command's output are the engine's own words on why it could not start it: it has ended, without ever having had a
 * process, and what it left is one line that ends as those of the engine do. (Podman forgets the process of a command that has ended, so the
 * process alone says too little.)
 */
export function isNeverStarted(found: InspectedExec | undefined, firstBytes: Uint8Array): boolean {
  if (found === undefined || found.Running || (found.ExitCode !== 126 && found.ExitCode !== 127)) return false;
  return (found.Pid ?? 0) === 0 && firstBytes.at(-2) === 0x0d && firstBytes.at(-1) === 0x0a;
}

/** What a shell would say: 127 for a program that is not there. Engines say 126 of all that they could not start, some of them 127. */
export function exitOfNeverStarted(reason: string): ProcessExit {
  const isMissing =
    /executable file not found|: (?:stat|exec) [^:]*: no such file or directory/.test(reason) && !/chdir to cwd/.test(reason);
  return { kind: 'exited', code: isMissing ? 127 : 126 };
}
