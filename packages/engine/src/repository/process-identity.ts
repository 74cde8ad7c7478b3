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

/** The identity of a process that runs here, or undefined if none has that ID. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const boot = readText('/proc/sys/kernel/random/boot_id');
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  // The second field is the command in parentheses and may hold spaces and parentheses itself; the start time is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined; // ended, only not yet reaped
  return { boot, pidNamespace: readLink('/proc/self/ns/pid'), pidStart: fields[19] ?? '' };
}

/** Whether it is certain that the process of that ID and identity has ended: it ran in this boot and namespace, and is not there any more. */
export function isProvablyDead(pid: number, identity: ProcessIdentity): boolean {
  const here = processIdentity(process.pid);
  if (here === undefined || here.boot === '' || here.pidNamespace === '') return false;
  if (identity.boot !== here.boot || identity.pidNamespace !== here.pidNamespace) return false;
  return processIdentity(pid)?.pidStart !== identity.pidStart;
}

function readText(path: string): string {
  return orEmpty(() => readFileSync(path, 'utf8').trim());
}

function readLink(path: string): string {
  return orEmpty(() => readlinkSync(path));
}

/** Systems without /proc, and processes that are gone, answer with an error: nothing is known, so nothing is proven. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
