import { constants } from 'node:os';
import type { ProcessExit } from '../port.ts';

/** The numbers of Linux, which every container has, whatever this machine runs. */
const linuxNames = new Map(
  Object.entries(constants.signals)
    .filter(([name]) => !['SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(name))
    .map(([name, number]) => [number, name]),
);

/** Engines tell a death by signal n as exit code 128 + n, as shells do. */
export function exitOfCode(exitCode: number): ProcessExit {
  const signal = exitCode > 128 ? linuxNames.get(exitCode - 128) : undefined;
  return signal === undefined ? { kind: 'exited', code: exitCode } : { kind: 'signalled', signal };
}
