import { readFileSync, readlinkSync } from 'node:fs';

/**
 * What proves which process wrote a lock: host names and process IDs alone do not, since both are used twice (cloned machines, containers,
 * after a reboot). restic ignores the extra field of its lock JSON that carries it.
 */
export interface ProcessIdentity {
  /** The kernel's random boot ID; empty where there is none. */
  readonly boot: string;
  /** The namespace in which the process ID counts. */
  readonly pidNamespace: string;
  /** Start of the process in clock ticks since boot. */
  readonly pidStart: string;
}

/** The identity of a process that runs here, or undefined if none has that ID, or nothing can be learnt of it. */
export function processIdentity(pid: number, proc = '/proc'): ProcessIdentity | undefined {
  const stat = readText(`${proc}/${pid}/stat`);
  const pidStart = stat === undefined ? undefined : startIn(stat);
  if (pidStart === undefined) return undefined;
  return { boot: readText(`${proc}/sys/kernel/random/boot_id`) ?? '', pidNamespace: readLink(`${proc}/self/ns/pid`), pidStart };
}

/**
 * Whether it is certain that the process of that ID and identity has ended: it ran in this boot and namespace, and is not there any more. A
 * process that cannot be looked at (another user's, or no descriptor is left to look with) is not dead.
 */
export function isProvablyDead(pid: number, identity: ProcessIdentity, proc = '/proc'): boolean {
  const here = processIdentity(process.pid, proc);
  if (here === undefined || here.boot === '' || here.pidNamespace === '') return false;
  if (identity.boot !== here.boot || identity.pidNamespace !== here.pidNamespace) return false;
  const stat = readText(`${proc}/${pid}/stat`);
  if (stat === undefined) return isUnknownToSignals(pid);
  return startIn(stat) !== identity.pidStart;
}

/** When the process started, by its /proc/PID/stat; undefined for one that has ended and is only not yet reaped. */
function startIn(stat: string): string | undefined {
  // The second field is the command in parentheses and may hold spaces and parentheses itself; the start time is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? '');
}

/** /proc may hide the processes of others; a signal that is not sent tells whether one is there all the same. */
function isUnknownToSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function readText(path: string): string | undefined {
  return orNothing(() => readFileSync(path, 'utf8').trim());
}

function readLink(path: string): string {
  return orNothing(() => readlinkSync(path)) ?? '';
}

/** Systems without /proc, and processes that are gone or hidden, answer with an error: nothing is known, so nothing is proven. */
function orNothing(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
